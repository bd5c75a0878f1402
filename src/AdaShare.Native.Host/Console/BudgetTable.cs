using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.RunPages;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>What the phases of a run spent.</summary>
public static class BudgetTable
{
    /// <summary>Writes the table, with a row for all phases together.</summary>
    public static void Write(IAnsiConsole console, InputKind inputs, MetricsFile metrics)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(metrics);
        console.MarkupLine("[bold]budget[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("phase");
        foreach (string heading in new[] { "steps on weights", "other steps", inputs.Plural(), "multiply-adds spent", "seconds", "peak memory" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        var total = new PhaseBudget();
        foreach ((string phase, PhaseBudget budget) in metrics.Budget)
        {
            Row(table, StepText.PhaseKey(phase), budget, metrics.PeakBytes.GetValueOrDefault(phase));
            total.Add(budget);
        }

        if (metrics.Budget.Count > 1)
        {
            Row(table, "all", total, metrics.PeakBytes.Count > 0 ? metrics.PeakBytes.Values.Max() : 0);
        }

        console.Write(table);
        foreach (string note in BudgetNotes.Of(metrics))
        {
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
        }
    }

    private static void Row(Table table, string phase, PhaseBudget budget, long peak) => table.AddRow(
        Markup.Escape(phase), Count(budget.WeightSteps), Count(budget.OtherSteps), Count(budget.Images), Scaled(budget.MultiplyAdds),
        budget.Seconds.ToString("N1", CultureInfo.InvariantCulture), StepText.Megabytes(peak));

    private static string Scaled(double count)
    {
        (double unit, string prefix) = count >= 1e12 ? (1e12, "T") : count >= 1e9 ? (1e9, "G") : (1e6, "M");
        return $"{(count / unit).ToString("N2", CultureInfo.InvariantCulture)} {prefix}";
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
