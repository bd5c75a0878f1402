using AdaShare.Native.MultiTask.Metrics;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>The table at the end of a run: each task's metrics for the trivial predictors and for each network.</summary>
public static class MetricReport
{
    /// <summary>Writes the table; columns whose metrics are absent are left out.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">The heading.</param>
    /// <param name="columns">The columns from left to right.</param>
    /// <param name="official">Whether the official code's readings are shown instead of the corrected ones.</param>
    public static void Write(IAnsiConsole console, string title, IReadOnlyList<MetricColumn> columns, bool official)
    {
        MetricColumn[] present = [.. columns.Where(column => column.Metrics is { Tasks.Count: > 0 })];
        if (present.Length == 0)
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

        MetricTable first = present[0].Metrics!;
        foreach (string task in first.Tasks)
        {
            string label = task;
            foreach (string metric in first[task].Keys.Where(name => MetricText.IsOfficial(name) == official))
            {
                table.AddRow([label, Markup.Escape(MetricText.Name(metric)), .. Cells(present, task, metric)]);
                label = "";
            }
        }

        console.Write(table);
    }

    private static IEnumerable<string> Cells(MetricColumn[] columns, string task, string metric)
    {
        double[] compared = [.. columns.Where(c => c.Deviation is null).Select(c => c.Value(task, metric) ?? double.NaN).Where(double.IsFinite)];
        double? best = compared.Length < 2 ? null : SelectionScore.LowerIsBetter(metric) ? compared.Min() : compared.Max();
        foreach (MetricColumn column in columns)
        {
            double? value = column.Value(task, metric);
            string text = value is null ? "-"
                : column.Deviation is { } deviation && deviation[task].TryGetValue(metric, out double spread) ? MetricText.Spread(metric, value.Value, spread)
                : MetricText.Value(metric, value.Value);
            yield return column.Deviation is null && value == best && best is not null ? $"[bold green]{Markup.Escape(text)}[/]" : Markup.Escape(text);
        }
    }
}
