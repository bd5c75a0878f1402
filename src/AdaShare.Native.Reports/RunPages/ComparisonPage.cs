using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Charts;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Several runs side by side.</summary>
public static class ComparisonPage
{
    private const int FewestRuns = 2;

    /// <summary>Makes the page.</summary>
    /// <param name="runs">At least two runs of the same tasks.</param>
    /// <exception cref="DataException">The runs have other tasks, or one is there twice.</exception>
    public static HtmlPage Of(IReadOnlyList<RunFiles> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs.Count, FewestRuns, nameof(runs));
        string[] names = RunNames.Of(runs);
        var page = new HtmlPage($"{runs.Count} runs", string.Join(", ", names));
        page.Add("results", "Results", Results(runs, names));
        page.Add("cost", "Cost and budget", Costs(runs, names));
        page.Add("curves", "Validation", Curves(runs, names));
        page.Add("policies", "Policies", string.Concat(runs.Select((run, i) => Policy(run, names[i]))));
        return page;
    }

    private static string Results(IReadOnlyList<RunFiles> runs, string[] names)
    {
        var columns = new List<(string, Dictionary<string, Dictionary<string, double>>)>();
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Metrics is { } metrics)
            {
                columns.Add(($"{names[i]}: {runs[i].Method.Title}, {ResultSection.Steps(metrics.FinalSteps)}, seed {metrics.Provenance.Seed}", metrics.Final.Metrics));
            }
        }

        IReadOnlyList<string> data = RunNames.TestedOn(runs);
        string warning = data.Count > 1 ? HtmlPage.Paragraph($"These runs were tested on different data ({string.Join("; ", data)}): their figures can't be compared.", "bad") : "";
        string[] open = [.. runs.Select((run, i) => run.Metrics is null ? names[i] : null).OfType<string>()];
        string missing = open.Length > 0 ? HtmlPage.Paragraph($"Not finished, so without results: {string.Join(", ", open)}.") : "";
        return warning + (columns.Count > 0 ? ResultSection.Table("held-out test part", runs[0].Tasks, columns, hasTrivial: false) : "") + missing
            + HtmlPage.Paragraph("Steps are those that trained the final network; what was spent on the way to it stands below. One run each is no proof: adashare study compares over seeds.", "note");
    }

    private static string Costs(IReadOnlyList<RunFiles> runs, string[] names)
    {
        string seen = string.Join(" or ", runs.Select(static run => BackboneRegistry.Get(run.Config.Backbone).Inputs.Plural()).Distinct());
        var table = new HtmlTable(
            "", ("run", false), ("parameters", true), ("multiply-adds, as executed", true), ("multiply-adds, K passes", true), ("all steps", true), ($"{seen} seen", true), ("multiply-adds spent", true), ("seconds of steps", true));
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Metrics is { } metrics)
            {
                var total = new PhaseBudget();
                metrics.Budget.Values.ToList().ForEach(total.Add);
                table.Add(
                    names[i], HtmlText.Count(metrics.Cost.BackboneParameters + metrics.Cost.HeadParameters), HtmlText.Large(metrics.Cost.ExecutedMultiplyAdds),
                    HtmlText.Large(metrics.Cost.PassesBackboneMultiplyAdds + metrics.Cost.HeadMultiplyAdds), HtmlText.Count(total.WeightSteps + total.OtherSteps), HtmlText.Count(total.Images),
                    HtmlText.Large(total.MultiplyAdds), HtmlText.Count(total.Seconds));
            }
        }

        IEnumerable<string> notes = runs.SelectMany((run, i) => run.Metrics is { } metrics ? BudgetNotes.Of(metrics).Select(note => $"{names[i]}: {note}") : []);
        return table + string.Concat(notes.Select(static note => HtmlPage.Paragraph(note)));
    }

    private static string Curves(IReadOnlyList<RunFiles> runs, string[] names)
    {
        string charts = "";
        foreach (TaskSpec task in runs[0].Tasks)
        {
            MetricInfo info = task.Kind.Metrics.First(static metric => !metric.IsOfficial);
            charts += LineChart.Of(
                $"{task.Name}: {info.TitleWithArrow} (validation)", "steps of all phases", [.. runs.Select((run, i) => CurveSection.Metric(run.History, names[i], task.Name, info.Name))]);
        }

        return charts;
    }

    private static string Policy(RunFiles run, string name)
    {
        if (run.Policy is not { } policy)
        {
            return "";
        }

        bool[][] final = PolicySection.Final(policy);
        return CellGrid.Of(
            name, policy.Tasks, [.. Enumerable.Range(0, final[0].Length).Select(static b => $"{b}")], [.. final.Select(static row => Array.ConvertAll(row, static on => on ? 1.0 : 0))],
            (t, b) => final[t][b] ? "run" : "skip");
    }
}
