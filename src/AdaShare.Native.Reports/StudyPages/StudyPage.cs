using AdaShare.Native.Reports.Charts;
using AdaShare.Native.Reports.Html;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Reports.StudyPages;

/// <summary>The report of a study.</summary>
public static class StudyPage
{
    /// <summary>The file's name within the study's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>Makes the page of a study.</summary>
    public static HtmlPage Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var page = new HtmlPage($"study {study.Data.Name}", $"{study.Data.Methods.Count} methods, {study.Data.Cells.Count} runs; {study.Data.Dataset}; reference: {study.Data.Reference}");
        page.Add("gain", "Gain against cost", Gains(study));
        page.Add("results", "Results", Table(StudyTables.Summary(study)) + Table(StudyTables.Metrics(study)));
        page.Add("seeds", "Seed by seed", Seeds(study));
        page.Add("pairs", "Pairs", Table(StudyTables.Comparisons(study)));
        page.Add("budgets", "Budgets", Table(StudyTables.Budgets(study)));
        page.Add("policies", "Sampled policies", Table(StudyTables.Policies(study)));
        page.Add("grids", "Grids", Table(StudyTables.Grids(study)));
        page.Add("notes", "How to read it", string.Concat(StudyNotes.Of(study).Select(static note => HtmlPage.Paragraph(note))));
        return page;
    }

    private static string Table(StudyTable? table)
    {
        if (table is not { Rows.Count: > 0 })
        {
            return "";
        }

        var html = new HtmlTable(table.Title, [.. table.Columns.Select(static column => (column.Title, column.IsNumber))]);
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            html.Add([.. row.Select(static cell => (HtmlCell)cell)]);
        }

        return html.ToString();
    }

    private static string Gains(Study study)
    {
        MethodSummary[] methods = [.. study.Methods.Where(static method => method is { Cost: not null, Delta.PerTask: not null })];
        string images = methods.FirstOrDefault()?.Cost?.Images is int count ? $"{count} images, one for each group of tasks with images of its own" : "one image and all tasks";
        return Chart($"as executed, for {images}", static cost => cost.MultiplyAddsAsExecuted) + Chart("in K passes, the paper's unit", static cost => cost.MultiplyAddsKPasses)
            + HtmlPage.Paragraph("Large dots are means over seeds, small dots single seeds, lines 95 % intervals of the paired difference (none where there is one seed). Methods may have had different budgets: see the table of budgets.", "note");

        string Chart(string unit, Func<ModelCost, double> cost) => ScatterChart.Of(
            $"Delta_T over {study.Data.Reference} in %, higher is better, against multiply-adds {unit}", "millions of multiply-adds, backbone and heads", "Delta_T, %",
            [.. methods.Select(method => Point(method, cost(method.Cost!) / 1e6, study.Data.Reference))], holdsZero: true);
    }

    private static ScatterPoint Point(MethodSummary method, double cost, string reference)
    {
        PairedDifference? paired = method.Label == reference ? null : method.Delta.PairedPerTask;
        return new ScatterPoint(method.Label, cost, method.Delta.PerTask!.Mean, paired?.Lower, paired?.Upper, [.. method.Delta.Cells.Select(static cell => cell.PerTask).OfType<double>()]);
    }

    private static string Seeds(Study study)
    {
        string charts = "";
        foreach (MetricDescription metric in study.Data.Metrics.Where(static metric => metric.Counts))
        {
            var points = new List<ScatterPoint>();
            for (int i = 0; i < study.Methods.Count; i++)
            {
                MethodSummary method = study.Methods[i];
                double[] values =
                [
                    .. study.Data.Cells.Where(cell => cell.Label == method.Label && cell.Failure is null && (method.Variant is null || cell.Variant == method.Variant))
                        .Select(cell => cell.Metrics.Finite(metric)).OfType<double>(),
                ];
                if (values.Length > 0)
                {
                    points.Add(new ScatterPoint(method.Label, i + 1, values.Average(), null, null, values));
                }
            }

            string unit = metric.Unit.Length > 0 ? $", {metric.Unit}" : "";
            charts += ScatterChart.Of($"{metric.Task}: {metric.Title}{unit}, {(metric.HigherIsBetter ? "higher" : "lower")} is better", "methods in the order of the table", metric.Title, points, holdsZero: false);
        }

        return HtmlPage.Folded("every metric that counts, each seed a dot", charts);
    }
}
