using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>A study with its statistics, as <c>study.json</c> holds it. Everything measured with a clock stands in fields named <c>times</c>.</summary>
public sealed record Study
{
    /// <summary>The form of the file; this is the only one so far.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The form of the file.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The results that all else is computed from.</summary>
    public required StudyData Data { get; init; }

    /// <summary>A line for each method, in the order of the study.</summary>
    public required IReadOnlyList<MethodSummary> Methods { get; init; }

    /// <summary>Every pair of methods, the reference's included.</summary>
    public required IReadOnlyList<MethodComparison> Comparisons { get; init; }

    /// <summary>Metrics that no Delta of this study has.</summary>
    public required IReadOnlyList<LeftOutMetric> LeftOut { get; init; }
}

/// <summary>What a method came to over its seeds.</summary>
public sealed record MethodSummary
{
    /// <summary>The method's name in the study.</summary>
    public required string Label { get; init; }

    /// <summary>The registered name.</summary>
    public required string Method { get; init; }

    /// <summary>The chosen grid point; null without a grid, or where none could be chosen.</summary>
    public string? Variant { get; init; }

    /// <summary>How its budget was matched.</summary>
    public required string Match { get; init; }

    /// <summary>The seeds whose runs came to their end; all figures are over them.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The seeds whose runs failed.</summary>
    public required IReadOnlyList<long> FailedSeeds { get; init; }

    /// <summary>Each metric of the study.</summary>
    public required IReadOnlyList<MetricSummary> Metrics { get; init; }

    /// <summary>The score on the validation part.</summary>
    public SampleSummary? ValidationScore { get; init; }

    /// <summary>Gains over the reference.</summary>
    public required DeltaSummary Delta { get; init; }

    /// <summary>The mean over metrics of its rank among the methods, 1 is best; null where it has no run.</summary>
    public double? MeanRank { get; init; }

    /// <summary>What a run spent, the mean over seeds; null where it has no run.</summary>
    public BudgetSummary? Budget { get; init; }

    /// <summary>What the final network costs, the mean over seeds; null where no run says.</summary>
    public ModelCost? Cost { get; init; }

    /// <summary>The most memory that training held at one time, in bytes.</summary>
    public SampleSummary? PeakBytes { get; init; }

    /// <summary>For a method that samples policies: how far they lie apart.</summary>
    public PolicySummary? Policies { get; init; }

    /// <summary>What was measured with a clock.</summary>
    public TimeSummary? Times { get; init; }
}

/// <summary>A metric over the seeds of a method.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">The metric's key.</param>
/// <param name="Values">Its summary; null where no run has a finite value.</param>
/// <param name="NotFinite">Runs that came to their end without a finite value.</param>
public sealed record MetricSummary(string Task, string Metric, SampleSummary? Values, int NotFinite);

/// <summary>A method's gains over the reference, in percent.</summary>
/// <param name="PerTask">Mean over tasks; higher is better. Over all seeds that have one.</param>
/// <param name="Pooled">Mean over all metrics; lower is better.</param>
/// <param name="PairedPerTask">The first over the seeds that the reference has too, with its interval; null for the reference itself.</param>
/// <param name="PairedPooled">The second likewise.</param>
/// <param name="Cells">Each run's.</param>
public sealed record DeltaSummary(SampleSummary? PerTask, SampleSummary? Pooled, PairedDifference? PairedPerTask, PairedDifference? PairedPooled, IReadOnlyList<CellDelta> Cells);

/// <summary>A run's gains over the reference, in percent.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Paired">Whether it is compared with the reference's run of the same seed; else with the reference's mean, as that seed is missing there.</param>
/// <param name="PerTask">Mean over tasks; higher is better. Null where a metric has no finite value.</param>
/// <param name="Pooled">Mean over all metrics; lower is better.</param>
/// <param name="Undefined">The metrics without a finite value.</param>
public sealed record CellDelta(long Seed, bool Paired, double? PerTask, double? Pooled, IReadOnlyList<string> Undefined);

/// <summary>A metric that is left out of every Delta.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">The metric's key.</param>
/// <param name="Reason">Why.</param>
public sealed record LeftOutMetric(string Task, string Metric, string Reason);

/// <summary>Two methods, compared seed by seed.</summary>
/// <param name="First">A method's label.</param>
/// <param name="Second">Another's.</param>
/// <param name="Seeds">The seeds that both have a Delta for.</param>
/// <param name="PerTask">Delta of the first less that of the second, mean over tasks: above zero the first is better.</param>
/// <param name="Pooled">The same over all metrics: below zero the first is better.</param>
public sealed record MethodComparison(string First, string Second, IReadOnlyList<long> Seeds, PairedDifference? PerTask, PairedDifference? Pooled);

/// <summary>What a run spent, as means over seeds.</summary>
/// <param name="FinalSteps">Steps on the weights of the final network.</param>
/// <param name="WeightSteps">All steps on weights.</param>
/// <param name="PolicySteps">All steps on a policy.</param>
/// <param name="Images">Images seen.</param>
/// <param name="MultiplyAddsSpent">Multiply-adds of forward and backward passes.</param>
public sealed record BudgetSummary(double FinalSteps, double WeightSteps, double PolicySteps, double Images, double MultiplyAddsSpent)
{
    /// <summary>Steps of both kinds.</summary>
    public double TotalSteps => WeightSteps + PolicySteps;
}

/// <summary>How far the sampled policies of a method lie apart.</summary>
/// <param name="Metrics">For each metric that counts.</param>
/// <param name="DeltaPerTask">For the gain over the reference, mean over tasks.</param>
/// <param name="Score">For the score on the validation part.</param>
/// <param name="ArgMax">The most likely policy instead of a sampled one; null where no run trained it.</param>
public sealed record PolicySummary(IReadOnlyList<MetricSpread> Metrics, SpreadComponents DeltaPerTask, SpreadComponents Score, ArgMaxSummary? ArgMax);

/// <summary>The spread of a metric between sampled policies.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">The metric's key.</param>
/// <param name="Spread">Its components.</param>
public sealed record MetricSpread(string Task, string Metric, SpreadComponents Spread);

/// <summary>What the most likely policy came to over the seeds.</summary>
/// <param name="Metrics">Each metric of the study.</param>
/// <param name="Delta">Gains over the reference.</param>
public sealed record ArgMaxSummary(IReadOnlyList<MetricSummary> Metrics, DeltaSummary Delta);

/// <summary>What was measured with a clock, over seeds.</summary>
/// <param name="TrainSeconds">Wall time of training.</param>
/// <param name="LatencyMilliseconds">Wall time of the prediction of one image for all tasks.</param>
public sealed record TimeSummary(SampleSummary? TrainSeconds, SampleSummary? LatencyMilliseconds);
