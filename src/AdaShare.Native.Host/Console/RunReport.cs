using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>What is shown at the end of a run: metrics with the steps that they took, the policy, cost and budget.</summary>
public static class RunReport
{
    /// <summary>Writes the report. Networks whose weights were trained for other steps than the final one are not set beside it; metrics.json has them.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">The method's name.</param>
    /// <param name="inputs">What the network reads.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="metrics">The run's results.</param>
    /// <param name="policy">The run's policies, or null where there are none.</param>
    /// <param name="official">Whether the official code's reading is shown beside the corrected one.</param>
    public static void Write(IAnsiConsole console, string title, InputKind inputs, IReadOnlyList<TaskSpec> tasks, MetricsFile metrics, PolicyFile? policy, bool official)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(metrics);
        int candidates = metrics.Candidates.Count;
        string steps = Steps(metrics.FinalSteps);
        MetricColumn[] columns =
        [
            MetricColumn.Trivial(MetricTables.From(metrics.Trivial)),
            .. metrics.Others.Where(other => other.Steps == metrics.FinalSteps).Select(other => new MetricColumn($"{other.Title}, {steps}", MetricTables.From(other.Test.Metrics))),
            new(candidates > 1 ? $"{title}, best of {candidates}, {steps} each" : $"{title}, {steps}", MetricTables.From(metrics.Final.Metrics)),
            new($"mean ± std of {candidates} policies", metrics.CandidateDeviation is null ? null : MetricTables.From(metrics.CandidateMean), MetricTables.From(metrics.CandidateDeviation ?? [])),
        ];
        string images = metrics.Provenance.TestImages.ToString("N0", CultureInfo.InvariantCulture);
        MetricReport.Write(console, $"held-out test part, {images} {inputs.Plural()}; steps are those that trained the network", tasks, columns, official: false);
        if (official)
        {
            MetricReport.Write(console, "held-out test part, as the official code reads it", tasks, columns, official: true);
        }

        if (policy is { Selected: int selected } && selected < policy.Sampled.Length)
        {
            PolicyGrid.Write(console, candidates > 1 ? $"policy {selected + 1} of {candidates}, the best on the validation part" : "policy", policy.Tasks, policy.Sampled[selected], policy.Probability.Length > 0 ? policy.Probability : null);
        }

        if (metrics.Branches is { } branches)
        {
            WriteBranches(console, branches);
        }

        CostTable.Write(console, title, metrics.Cost, metrics.HardSharingCost);
        BudgetTable.Write(console, inputs, metrics);
    }

    private static void WriteBranches(IAnsiConsole console, Dictionary<string, int[]> branches)
    {
        console.MarkupLine("[bold]branches[/], by place from the image to the heads; tasks with the same branch share it");
        int widest = branches.Keys.Max(static task => task.Length);
        foreach ((string task, int[] path) in branches)
        {
            console.MarkupLineInterpolated($"{task.PadRight(widest)}  {string.Join(' ', path)}");
        }
    }

    /// <summary>A number of steps in words.</summary>
    public static string Steps(long steps) => $"{steps.ToString("N0", CultureInfo.InvariantCulture)} step{(steps == 1 ? "" : "s")}";
}
