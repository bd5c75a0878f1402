using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>What is shown at the end of a run: metrics, the selected policy, its cost.</summary>
public static class RunReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="metrics">The run's results.</param>
    /// <param name="policy">The run's policies, or null where none was learnt.</param>
    /// <param name="official">Whether the official code's reading is shown beside the corrected one.</param>
    public static void Write(IAnsiConsole console, MetricsFile metrics, PolicyFile? policy, bool official)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        int policies = policy?.Sampled.Length ?? 0;
        MetricColumn[] columns =
        [
            new("trivial", MetricTables.From(metrics.Trivial)),
            new("warm-up (hard sharing)", MetricTables.From(metrics.WarmUp)),
            new(policies > 1 ? "AdaShare, best policy" : "AdaShare, retrained", MetricTables.From(metrics.Retrained)),
            new($"mean ± std of {policies} policies", policies > 1 ? MetricTables.From(metrics.RetrainedMean) : null, MetricTables.From(metrics.RetrainedStd)),
        ];
        MetricReport.Write(console, "held-out test part", columns, official: false);
        if (official)
        {
            MetricReport.Write(console, "held-out test part, as the official code reads it", columns, official: true);
        }

        if (policy is { Selected: int selected } && selected < policy.Sampled.Length)
        {
            PolicyGrid.Write(console, policies > 1 ? $"policy {selected + 1} of {policies}, the best on the validation part" : "policy", policy.Tasks, policy.Sampled[selected], policy.Probability);
        }

        CostTable.Write(console, CostFigures.Of(metrics.Cost));
        if (metrics.PeakBytes.Count > 0)
        {
            console.WriteLine($"peak memory of a step: {string.Join(", ", metrics.PeakBytes.Select(static peak => $"{StepText.PhaseKey(peak.Key)} {StepText.Megabytes(peak.Value)}"))}");
        }
    }
}
