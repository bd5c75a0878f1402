using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>
/// Relative gains over a reference method, in percent, in the two conventions of the field. Over tasks (LibMTL, AdaShare): the mean over tasks of the mean over each task's metrics,
/// signed so that higher is better. Over metrics (CAGrad, FAMO): the mean over all metrics pooled, signed so that lower is better.
/// </summary>
/// <remarks>
/// A run is compared with the reference's run of the same seed, or with the reference's mean where that seed is missing. A metric that is 0 or not finite in any run of the reference is left
/// out of every Delta of the study, so that all are of the same metrics. A run that lacks a finite value of a metric that counts has no Delta: leaving the metric out would reward it.
/// </remarks>
internal sealed class DeltaReference
{
    private readonly IReadOnlyList<MetricDescription> _metrics;
    private readonly Dictionary<long, MetricValues> _bySeed;
    private readonly MetricValues _mean = [];

    /// <summary>Creates the reference.</summary>
    /// <param name="counting">The metrics that count.</param>
    /// <param name="runs">The reference's runs that came to their end, one a seed.</param>
    public DeltaReference(IReadOnlyList<MetricDescription> counting, IReadOnlyList<CellResult> runs)
    {
        _bySeed = runs.ToDictionary(static run => run.Seed, static run => run.Metrics);
        LeftOut = [.. counting.Select(metric => Fault(metric, runs)).OfType<LeftOutMetric>()];
        _metrics = [.. counting.Where(metric => !LeftOut.Any(fault => fault.Task == metric.Task && fault.Metric == metric.Name))];
        foreach (MetricDescription metric in _metrics)
        {
            _mean.Set(metric.Task, metric.Name, runs.Count == 0 ? null : runs.Average(run => run.Metrics.Finite(metric)));
        }
    }

    /// <summary>The metrics that no Delta of this study has, with the reason.</summary>
    public IReadOnlyList<LeftOutMetric> LeftOut { get; }

    /// <summary>The Delta of a run; null where the reference has no run at all or no metric is left.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="values">Its metrics.</param>
    public CellDelta? Of(long seed, MetricValues values)
    {
        if (_bySeed.Count == 0 || _metrics.Count == 0)
        {
            return null;
        }

        bool paired = _bySeed.TryGetValue(seed, out MetricValues? own);
        MetricValues reference = own ?? _mean;
        List<string> undefined = [.. _metrics.Where(metric => values.Finite(metric) is null).Select(static metric => $"{metric.Task}.{metric.Name}")];
        if (undefined.Count > 0)
        {
            return new CellDelta(seed, paired, null, null, undefined);
        }

        double perTask = _metrics.GroupBy(static metric => metric.Task).Average(task => task.Average(metric => Gain(metric)));
        double pooled = 0 - _metrics.Average(Gain);
        return new CellDelta(seed, paired, perTask, pooled, []);

        // Over the size of the reference, so that a metric below zero keeps its direction.
        double Gain(MetricDescription metric)
        {
            double from = reference.Finite(metric)!.Value;
            return (metric.HigherIsBetter ? 100 : -100) * (values.Finite(metric)!.Value - from) / Math.Abs(from);
        }
    }

    private static LeftOutMetric? Fault(MetricDescription metric, IReadOnlyList<CellResult> runs)
    {
        foreach (CellResult run in runs)
        {
            double? value = run.Metrics.Finite(metric);
            if (value is null or 0)
            {
                return new LeftOutMetric(metric.Task, metric.Name, FormattableString.Invariant($"the reference's value with seed {run.Seed} is {(value is null ? "not finite" : "0")}"));
            }
        }

        return null;
    }
}
