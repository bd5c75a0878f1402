using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What networks reach on the held-out test part: a row a metric, a column a network.</summary>
internal static class ResultSection
{
    /// <summary>The networks of a run that had the same steps, beside the best constant answers.</summary>
    public static string Of(RunFiles run)
    {
        if (run.Metrics is not { } metrics)
        {
            return HtmlPage.Paragraph("The run is not finished, so nothing has been measured on the test part yet.");
        }

        string steps = Steps(metrics.FinalSteps);
        var columns = new List<(string Title, Dictionary<string, Dictionary<string, double>> Values)> { ("best constant answer", metrics.Trivial) };
        columns.AddRange(metrics.Others.Where(other => other.Steps == metrics.FinalSteps).Select(other => ($"{other.Title}, {steps}", other.Test.Metrics)));
        columns.Add(($"{run.Method.Title}{(metrics.Candidates.Count > 1 ? $", best of {metrics.Candidates.Count} policies" : "")}, {steps}", metrics.Final.Metrics));
        return Table($"held-out test part, {HtmlText.Count(metrics.Provenance.TestImages)} {BackboneRegistry.Get(run.Config.Backbone).Inputs.Plural()}; steps are those that trained the network", run.Tasks, columns, hasTrivial: true)
            + (metrics.Selection is { } selection ? HtmlPage.Paragraph($"How the network was chosen: {selection}.") : "")
            + HtmlPage.Paragraph("Bold: the best of the row. !: worse than the best constant answer. One run, one seed: a difference between two columns is no proof; adashare study compares methods over seeds.", "note")
            + Candidates(metrics, run.Tasks) + Others(metrics, run.Tasks) + Classes(metrics);
    }

    /// <summary>A number of steps in words.</summary>
    public static string Steps(long steps) => $"{HtmlText.Count(steps)} step{(steps == 1 ? "" : "s")}";

    /// <summary>A table of metrics.</summary>
    /// <param name="caption">What it is of.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="columns">Networks with their values by task and metric.</param>
    /// <param name="hasTrivial">Whether the first column is that of the best constant answers.</param>
    public static string Table(string caption, IReadOnlyList<TaskSpec> tasks, IReadOnlyList<(string Title, Dictionary<string, Dictionary<string, double>> Values)> columns, bool hasTrivial)
    {
        var table = new HtmlTable(caption, [("task", false), ("metric", false), .. columns.Select(static column => (column.Title, true))]);
        foreach (TaskSpec task in tasks)
        {
            foreach (MetricInfo info in task.Kind.Metrics.Where(static info => !info.IsOfficial))
            {
                double?[] values = [.. columns.Select(column => column.Values.GetValueOrDefault(task.Name) is { } of && of.TryGetValue(info.Name, out double value) ? value : (double?)null)];
                if (values.Any(static value => value is not null))
                {
                    table.Add([task.Name, info.TitleWithArrow, .. values.Select((value, i) => Cell(values, i, info, hasTrivial))]);
                }
            }
        }

        return table.ToString();
    }

    private static HtmlCell Cell(double?[] values, int index, MetricInfo info, bool hasTrivial)
    {
        if (values[index] is not { } value)
        {
            return "-";
        }

        double[] finite = [.. values.OfType<double>().Where(double.IsFinite)];
        bool isBest = finite.Length > 1 && value == (info.HigherIsBetter ? finite.Max() : finite.Min());
        bool isWorse = hasTrivial && index > 0 && values[0] is { } trivial && (info.HigherIsBetter ? value < trivial : value > trivial);
        return new HtmlCell(info.Format(value), isWorse ? "worse" : isBest ? "best" : null);
    }

    private static string Candidates(MetricsFile metrics, IReadOnlyList<TaskSpec> tasks) => metrics.Candidates.Count < 2 ? "" : HtmlPage.Folded(
        $"all {metrics.Candidates.Count} policies that were trained", Table("test part", tasks, [.. metrics.Candidates.Select(static one => ($"{one.Title}{(one.Selected ? " (chosen on the validation part)" : "")}", one.Test.Metrics))], hasTrivial: false));

    private static string Others(MetricsFile metrics, IReadOnlyList<TaskSpec> tasks)
    {
        NamedResult[] others = [.. metrics.Others.Where(other => other.Steps != metrics.FinalSteps)];
        return others.Length == 0 ? "" : HtmlPage.Folded(
            "networks on the way, which had other steps", Table("test part", tasks, [.. others.Select(static one => ($"{one.Title}, {Steps(one.Steps)}", one.Test.Metrics))], hasTrivial: false));
    }

    private static string Classes(MetricsFile metrics)
    {
        var text = new StringBuilder();
        foreach ((string task, Dictionary<string, double> classes) in metrics.Final.Classes ?? [])
        {
            var table = new HtmlTable($"{task}: by class, final network", ("class", false), ("value, %", true));
            foreach ((string name, double value) in classes)
            {
                table.Add(name, HtmlText.Value(value));
            }

            text.Append(table);
        }

        return HtmlPage.Folded("by class", text.ToString());
    }

    /// <summary>The relative gain of one network over another in percent: mean over tasks of the mean over the metrics that the paper compares; null where none can be compared.</summary>
    public static double? Gain(IReadOnlyList<TaskSpec> tasks, Dictionary<string, Dictionary<string, double>> of, Dictionary<string, Dictionary<string, double>> over)
    {
        var gains = new List<double>();
        foreach (TaskSpec task in tasks)
        {
            double[] ofTask =
            [
                .. task.Kind.Metrics.Where(static info => info.IsCompared && !info.IsOfficial)
                    .Select(info => of.GetValueOrDefault(task.Name) is { } a && over.GetValueOrDefault(task.Name) is { } b && a.TryGetValue(info.Name, out double x) && b.TryGetValue(info.Name, out double y) && Math.Abs(y) > 1e-9
                        ? (info.HigherIsBetter ? x - y : y - x) / Math.Abs(y) * 100
                        : double.NaN)
                    .Where(double.IsFinite),
            ];
            if (ofTask.Length > 0)
            {
                gains.Add(ofTask.Average());
            }
        }

        return gains.Count > 0 ? gains.Average() : null;
    }

    /// <summary>The tasks on which a network is worse than the best constant answer on the whole.</summary>
    public static string[] Worse(RunFiles run) => run.Metrics is not { } metrics ? [] :
        [.. run.Tasks.Where(task => SelectionScore.Of(MetricTables.From(metrics.Final.Metrics), MetricTables.From(metrics.Trivial), [task]) < 0).Select(static task => task.Name)];
}
