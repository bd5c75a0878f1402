using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Charts;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>How a run went: validation, losses, and what else was logged, over the steps of all phases.</summary>
internal static class CurveSection
{
    private const string Across = "steps of all phases";

    // What the log has of a step beside losses and the method's own figures.
    private static readonly string[] Bookkeeping = ["index", "step", "loss", "peak_bytes", "epoch", "elapsed"];

    /// <summary>The section; empty where nothing was logged.</summary>
    public static string Of(RunFiles run)
    {
        RunHistory history = run.History;
        (double, string)[] phases = [.. history.Phases.Select(phase => ((double)phase.Start, history.Title(phase.Phase, phase.Index)))];
        string chosen = run.Metrics?.Selection is { } selection ? HtmlPage.Paragraph($"There are no curves of validations ({selection}).", "note") : "";
        return chosen + Validation(run, phases) + Losses(history, phases) + HtmlPage.Folded("learning rate and other figures", Figures(history, phases));
    }

    /// <summary>A metric's values over validations, a curve a phase: between two phases there is no line.</summary>
    public static Series Metric(RunHistory history, string name, string task, string metric)
    {
        var points = new List<(double, double)>();
        RunPosition? before = null;
        foreach (LoggedValidation validation in history.Validations.Where(v => v.Metrics.GetValueOrDefault(task)?.ContainsKey(metric) == true))
        {
            double at = history.At(validation.Position);
            if (before is { } last && (last.Phase != validation.Position.Phase || last.Index != validation.Position.Index))
            {
                points.Add((at, double.NaN));
            }

            points.Add((at, validation.Metrics[task][metric]));
            before = validation.Position;
        }

        return new Series(name, points, Marked: true);
    }

    private static string Validation(RunFiles run, (double, string)[] phases)
    {
        string main = "", more = "";
        foreach (TaskSpec task in run.Tasks)
        {
            MetricInfo[] infos = [.. task.Kind.Metrics.Where(static info => !info.IsOfficial)];
            for (int i = 0; i < infos.Length; i++)
            {
                string unit = infos[i].Unit.Length > 0 ? $", {infos[i].Unit}" : "";
                string chart = LineChart.Of($"{task.Name}: {infos[i].TitleWithArrow}{unit} (validation)", Across, [Metric(run.History, infos[i].Title, task.Name, infos[i].Name)], phases);
                (main, more) = i == 0 ? (main + chart, more) : (main, more + chart);
            }
        }

        return main + HtmlPage.Folded("all metrics of the validations", more);
    }

    private static string Losses(RunHistory history, (double, string)[] phases)
    {
        string[] names = [.. history.Steps.SelectMany(static step => step.Losses.Keys).Distinct()];
        return string.Concat(names.Select(name => LineChart.Of($"{name}: training loss of logged steps", Across, [Loss(history, name)], phases)));
    }

    private static Series Loss(RunHistory history, string name) => Curve(history, name, step => step.Losses.TryGetValue(name, out double value) ? value : null);

    private static string Figures(RunHistory history, (double, string)[] phases)
    {
        string[] names = [.. history.Steps.SelectMany(static step => step.Figures.Keys).Distinct().Except(Bookkeeping)];
        return string.Concat(names.Select(name => LineChart.Of(name.Replace('_', ' '), Across, [Curve(history, name, step => step.Figures.TryGetValue(name, out double value) ? value : null)], phases)));
    }

    private static Series Curve(RunHistory history, string name, Func<LoggedStep, double?> value)
    {
        var points = new List<(double, double)>();
        LoggedStep? before = null;
        foreach (LoggedStep step in history.Steps)
        {
            if (value(step) is not { } number)
            {
                continue;
            }

            if (before is not null && (before.Position.Phase != step.Position.Phase || before.Position.Index != step.Position.Index))
            {
                points.Add((history.At(step.Position), double.NaN));
            }

            points.Add((history.At(step.Position), number));
            before = step;
        }

        return new Series(name, points);
    }
}
