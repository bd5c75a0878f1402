using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What the final network costs, and what the run spent.</summary>
internal static class CostSection
{
    /// <summary>The section; empty where the run is not finished.</summary>
    public static string Of(RunFiles run)
    {
        if (run.Metrics is not { } metrics)
        {
            return "";
        }

        var table = new HtmlTable(
            metrics.Cost.Scope,
            ("network", false), ("backbone parameters", true), ("head parameters", true), ("multiply-adds, as executed", true), ("multiply-adds, K passes", true));
        Row(table, run.Method.Title, metrics.Cost);
        Row(table, "hard sharing", metrics.HardSharingCost);
        return table + HtmlPage.Paragraph("As executed: what tasks have in common once. K passes: the backbone once for each task, skipped blocks left out (the paper's unit). Heads are in both.", "note") + Budget(metrics, BackboneRegistry.Get(run.Config.Backbone).Inputs);
    }

    private static void Row(HtmlTable table, string name, ModelCost cost) => table.Add(
        name, HtmlText.Count(cost.BackboneParameters), HtmlText.Count(cost.HeadParameters), HtmlText.Large(cost.ExecutedMultiplyAdds), HtmlText.Large(cost.PassesBackboneMultiplyAdds + cost.HeadMultiplyAdds));

    private static string Budget(MetricsFile metrics, InputKind inputs)
    {
        var table = new HtmlTable(
            "what the run spent", ("phase", false), ("steps on weights", true), ("other steps", true), ($"{inputs.Plural()} seen", true), ("multiply-adds", true), ("seconds of steps", true), ("peak memory", true));
        foreach ((string phase, PhaseBudget spent) in metrics.Budget)
        {
            string peak = metrics.PeakBytes.TryGetValue(phase, out long bytes) ? (bytes / 1048576.0).ToString("N0", CultureInfo.InvariantCulture) + " MB" : "-";
            table.Add(
                phase.Replace('_', ' '), HtmlText.Count(spent.WeightSteps), HtmlText.Count(spent.OtherSteps), HtmlText.Count(spent.Images), HtmlText.Large(spent.MultiplyAdds), HtmlText.Count(spent.Seconds), peak);
        }

        return table + string.Concat(BudgetNotes.Of(metrics).Select(static note => HtmlPage.Paragraph(note)));
    }
}
