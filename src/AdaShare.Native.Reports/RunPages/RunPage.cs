using System.Globalization;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>The report of a run.</summary>
public static class RunPage
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>Makes the page of a run.</summary>
    /// <param name="run">The run's files.</param>
    /// <param name="samples">A section of sample predictions as markup; empty for none.</param>
    public static HtmlPage Of(RunFiles run, string samples = "")
    {
        ArgumentNullException.ThrowIfNull(run);
        var page = new HtmlPage($"{run.Name}: {run.Method.Title}", Subtitle(run));
        page.Add("answers", "In short", Answers(run));
        page.Add("results", "Results", ResultSection.Of(run));
        page.Add("policy", "What it learnt to share", PolicySection.Of(run));
        page.Add("cost", "Cost", CostSection.Of(run));
        page.Add("samples", "Sample predictions", samples);
        page.Add("curves", "Curves", CurveSection.Of(run));
        page.Add("run", "The run", Run(run));
        return page;
    }

    private static string Subtitle(RunFiles run) => run.Metrics is { } metrics
        ? $"{run.Method.Summary}; {run.Config.Backbone}, tasks {string.Join(", ", run.Config.Tasks)}; {metrics.Provenance.Dataset}, seed {metrics.Provenance.Seed}, {metrics.Provenance.Device}, {metrics.Provenance.Numerics}, version {metrics.Provenance.Version}"
        : $"{run.Method.Summary}; {run.Config.Backbone}, tasks {string.Join(", ", run.Config.Tasks)}; not finished";

    private static string Answers(RunFiles run)
    {
        (string Question, string Answer)[] answers = [.. Learnt(run), .. Gained(run), .. Costs(run), .. Beats(run)];
        return $"<ul class=\"answers\">{string.Concat(answers.Select(static a => $"<li><b>{HtmlText.Escape(a.Question)}</b>{HtmlText.Escape(a.Answer)}</li>"))}</ul>\n";
    }

    private static IEnumerable<(string, string)> Learnt(RunFiles run)
    {
        if (run.Policy is not { } policy)
        {
            yield return ("What is shared?", $"{run.Method.Summary}.");
            yield break;
        }

        bool[][] final = PolicySection.Final(policy);
        int blocks = final[0].Length, common = Enumerable.Range(0, blocks).Count(b => Array.TrueForAll(final, row => row[b]));
        string each = string.Join(", ", policy.Tasks.Select((task, t) => $"{task} runs {final[t].Count(static on => on)}"));
        yield return ("What did it learn to share?", $"Of {blocks} blocks {each}; {common} are run by all tasks.");
    }

    private static IEnumerable<(string, string)> Gained(RunFiles run)
    {
        if (run.Metrics is not null)
        {
            string[] worse = ResultSection.Worse(run);
            yield return ("Did it learn the tasks?", worse.Length == 0 ? "Every task is better than its best constant answer." : $"Not all: {string.Join(", ", worse)} {(worse.Length == 1 ? "is" : "are")} worse than the best constant answer.");
        }
    }

    private static IEnumerable<(string, string)> Costs(RunFiles run)
    {
        if (run.Metrics is { } metrics)
        {
            double ratio = (double)metrics.Cost.ExecutedMultiplyAdds / metrics.HardSharingCost.ExecutedMultiplyAdds;
            yield return ("What does it cost?", $"{HtmlText.Large(metrics.Cost.ExecutedMultiplyAdds)} multiply-adds as executed for {metrics.Cost.Scope}, {ratio.ToString("0.##", CultureInfo.InvariantCulture)} times hard sharing's; {HtmlText.Large(metrics.Cost.BackboneParameters + metrics.Cost.HeadParameters)} parameters.");
        }
    }

    private static IEnumerable<(string, string)> Beats(RunFiles run)
    {
        if (run.Metrics is not { } metrics)
        {
            yield break;
        }

        NamedResult? rival = metrics.Others.FirstOrDefault(static other => other.IsComparison && other.Policy is null && other.Name != NamedResult.ArgMaxPolicy);
        yield return rival is not null && ResultSection.Gain(run.Tasks, metrics.Final.Metrics, rival.Test.Metrics) is { } gain
            ? ($"Does it beat {rival.Title}?", $"{(gain > 0 ? "Better" : "Worse")} by {Percent(Math.Abs(gain))} on the mean over tasks, with the same {ResultSection.Steps(rival.Steps)} for the final network; {ResultSection.Steps(Before(metrics))} more were spent on the way to it. One seed: no proof.")
            : ("Does it beat other methods?", "This run trained no network to compare with; adashare study compares methods over seeds at equal budgets.");
    }

    // Steps of a run that neither trained its final network nor one to compare with.
    private static long Before(MetricsFile metrics)
    {
        HashSet<string> comparisons = [.. metrics.Others.Where(static other => other.IsComparison).Select(static other => other.Name)];
        long all = metrics.Budget.Where(phase => !comparisons.Contains(phase.Key)).Sum(static phase => phase.Value.WeightSteps + phase.Value.OtherSteps);
        return Math.Max(0, all - metrics.FinalSteps);
    }

    private static string Percent(double value) => value.ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Run(RunFiles run)
    {
        string text = File.Exists(run.Folder.Config) ? File.ReadAllText(run.Folder.Config) : "";
        return HtmlPage.Paragraph($"folder: {Path.GetFullPath(run.Folder.Path)}", "note") + (text.Length == 0 ? "" : HtmlPage.Folded("configuration", $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"configuration\"><pre>{HtmlText.Escape(text)}</pre></div>\n"));
    }
}
