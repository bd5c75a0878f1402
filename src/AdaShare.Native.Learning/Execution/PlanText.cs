using System.Globalization;
using System.Text;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>A plan as text for people: one line a block with its streams and what happens to them, and the totals.</summary>
public static class PlanText
{
    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="cost">The plan's multiply-adds, or null to leave them out.</param>
    /// <exception cref="ArgumentException">There are more or fewer names than tasks.</exception>
    public static string Of(ExecutionPlan plan, IReadOnlyList<string> tasks, PlanCost? cost)
    {
        if (tasks.Count != plan.Tasks)
        {
            throw new ArgumentException($"execution plan: it is for {plan.Tasks} tasks, but {tasks.Count} have names", nameof(tasks));
        }

        var text = new StringBuilder();
        text.AppendLine(Invariant($"execution plan for {(plan.Training ? "training" : "evaluation")}: {Count(plan.Tasks, "task")}, {Count(plan.Blocks.Count, "block")}{(plan.RecomputesBodies ? ", bodies computed again during backward" : string.Empty)}"));
        text.AppendLine($"stem      {Names(tasks, Enumerable.Range(0, plan.Tasks))}: {(plan.HasTaskNorms ? "convolution " : "")}computed{SharedBy(plan.Tasks)}{(plan.HasTaskNorms ? "; from its batch norm on, each task by itself" : "")}");
        foreach (BlockPlan block in plan.Blocks)
        {
            IEnumerable<int> inTaskOrder = Enumerable.Range(0, block.Streams.Count).OrderBy(s => block.Streams[s][0]);
            string streams = string.Join(" | ", inTaskOrder.Select(s => $"{Names(tasks, block.Streams[s])}: {Describe(block, s, tasks)}"));
            text.AppendLine(Invariant($"block {block.Index,2}  {streams}"));
        }

        int bodies = plan.Blocks.Sum(static b => b.BodyCount), all = plan.Tasks * plan.Blocks.Count;
        text.AppendLine(Invariant($"computed  {bodies} of {all} block bodies"));
        if (cost is not null)
        {
            text.AppendLine(Invariant(
                $"cost      {Scaled(cost.Total, cost.Full)} of the {Scaled(cost.Full, cost.Full)} multiply-adds of {Count(plan.Tasks, "full pass", "full passes")} through the backbone at {cost.Height}x{cost.Width}: {100.0 * (cost.Full - cost.Total) / Math.Max(1, cost.Full):0.0} % saved"));
        }

        return text.ToString();
    }

    private static string Describe(BlockPlan block, int stream, IReadOnlyList<string> tasks)
    {
        int[] run = Tasks(block, stream, GateKind.On), mixed = Tasks(block, stream, GateKind.Soft), skipped = Tasks(block, stream, GateKind.Off);
        bool silent = block.Bodies.Any(pass => pass.IsSilent && pass.Streams.Contains(stream));
        if (run.Length + mixed.Length == 0)
        {
            return silent ? "skipped, statistics only" : "skipped";
        }

        var parts = new List<string> { "computed" + SharedBy(run.Length + mixed.Length) };
        if (mixed.Length > 0)
        {
            parts.Add("mixed for " + Names(tasks, mixed));
        }

        if (skipped.Length > 0)
        {
            parts.Add("skipped by " + Names(tasks, skipped));
        }

        if (silent)
        {
            parts.Add("again for statistics");
        }

        return string.Join(", ", parts);
    }

    private static int[] Tasks(BlockPlan block, int stream, GateKind kind) =>
        [.. block.Outputs.Where(o => o.Source == stream && o.Kind == kind).SelectMany(static o => o.Tasks)];

    private static string Names(IReadOnlyList<string> names, IEnumerable<int> tasks) => string.Join('+', tasks.Select(t => names[t]));

    private static string SharedBy(int users) => users > 1 ? Invariant($", shared by {users}") : string.Empty;

    private static string Count(int count, string one, string? many = null) => Invariant($"{count} {(count == 1 ? one : many ?? one + "s")}");

    private static string Scaled(long count, long largest) => largest >= 1_000_000_000 ? Invariant($"{count / 1e9:0.00} G") : Invariant($"{count / 1e6:0.00} M");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
