using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>The table at the end of a run: each task's metrics for the trivial predictors and for each network.</summary>
public static class MetricReport
{
    private const string WorseMark = "!";

    /// <summary>Writes the table; columns whose metrics are absent are left out. Values that are worse than the trivial predictor's are marked, and tasks that are worse on the whole are named below.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">The heading.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="columns">The columns from left to right.</param>
    /// <param name="official">Whether the official code's readings are shown instead of the corrected ones.</param>
    public static void Write(IAnsiConsole console, string title, IReadOnlyList<TaskSpec> tasks, IReadOnlyList<MetricColumn> columns, bool official)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(tasks);
        MetricColumn[] present = [.. columns.Where(column => column.Metrics is { Tasks.Count: > 0 })];
        if (present.Length == 0 || !tasks.Any(task => task.Kind.Metrics.Any(info => info.IsOfficial == official)))
        {
            return;
        }

        console.MarkupLineInterpolated($"[bold]{title}[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("task").AddColumn("metric");
        foreach (MetricColumn column in present)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Title)).RightAligned());
        }

        foreach (TaskSpec task in tasks)
        {
            string label = task.Name;
            foreach (MetricInfo info in task.Kind.Metrics.Where(info => info.IsOfficial == official && present.Any(column => column.Value(task.Name, info.Name) is not null)))
            {
                table.AddRow([Markup.Escape(label), Markup.Escape(info.TitleWithArrow), .. Cells(present, task.Name, info)]);
                label = "";
            }
        }

        console.Write(table);
        if (tasks.Any(task => task.Kind.Metrics.Any(info => info.IsOfficial == official && present.Any(column => IsWorse(present, column, task.Name, info)))))
        {
            console.MarkupLineInterpolated($"[red]{WorseMark}[/] marks what is worse than the best constant answer (column {present.First(static c => c.IsTrivial).Title})");
        }

        WarnOfWorse(console, tasks, present);
    }

    private static IEnumerable<string> Cells(MetricColumn[] columns, string task, MetricInfo info)
    {
        double[] compared = [.. columns.Where(c => c.Deviation is null).Select(c => c.Value(task, info.Name) ?? double.NaN).Where(double.IsFinite)];
        double? best = compared.Length < 2 ? null : info.HigherIsBetter ? compared.Max() : compared.Min();
        foreach (MetricColumn column in columns)
        {
            double? value = column.Value(task, info.Name);
            string text = value is null ? "-"
                : column.Deviation is { } deviation && deviation[task].TryGetValue(info.Name, out double spread) ? info.Format(value.Value, spread)
                : info.Format(value.Value);
            yield return IsWorse(columns, column, task, info) ? $"[red]{Markup.Escape(text)} {WorseMark}[/]"
                : column.Deviation is null && value == best && best is not null ? $"[bold green]{Markup.Escape(text)}[/]"
                : Markup.Escape(text);
        }
    }

    /// <summary>Whether a network is worse than the best constant answer; false where either is not known.</summary>
    private static bool IsWorse(MetricColumn[] columns, MetricColumn column, string task, MetricInfo info)
    {
        double? value = column.Value(task, info.Name), trivial = columns.FirstOrDefault(static c => c.IsTrivial)?.Value(task, info.Name);
        return !column.IsTrivial && (info.HigherIsBetter ? value < trivial : value > trivial);
    }

    private static void WarnOfWorse(IAnsiConsole console, IReadOnlyList<TaskSpec> tasks, MetricColumn[] columns)
    {
        if (columns.FirstOrDefault(static c => c.IsTrivial)?.Metrics is not { } trivial)
        {
            return;
        }

        foreach (MetricColumn column in columns.Where(static c => !c.IsTrivial && c.Deviation is null))
        {
            string[] worse = [.. tasks.Where(task => SelectionScore.Of(column.Metrics!, trivial, [task]) < 0).Select(static task => task.Name)];
            if (worse.Length > 0)
            {
                console.MarkupLineInterpolated($"[red]{column.Title}: on the whole, on {string.Join(", ", worse)} worse than the best constant answer[/]");
            }
        }
    }
}
