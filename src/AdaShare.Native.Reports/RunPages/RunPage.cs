using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>The report of a run.</summary>
public static class RunPage
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "report.html";

    private const int CommitDigits = 8;

    /// <summary>Makes the page of a run.</summary>
    /// <param name="run">The run's files.</param>
    /// <param name="samples">A section of sample predictions as markup; empty for none.</param>
    public static HtmlPage Of(RunFiles run, string samples = "")
    {
        ArgumentNullException.ThrowIfNull(run);
        var page = new HtmlPage($"{run.Name}: {run.Method.Title}", Subtitle(run));
        page.Add("answers", "In short", AnswerSection.Of(run));
        page.Add("results", "Results", ResultSection.Of(run));
        page.Add("policy", "What it learnt to share", PolicySection.Of(run));
        page.Add("cost", "Cost", CostSection.Of(run));
        page.Add("samples", "Sample predictions", samples);
        page.Add("curves", "Curves", CurveSection.Of(run));
        page.Add("run", "The run", Run(run));
        return page;
    }

    private static string Subtitle(RunFiles run)
    {
        string network = $"{run.Method.Summary}; {run.Config.Backbone}, tasks {string.Join(", ", run.Config.Tasks)}";
        if (run.Metrics is not { Provenance: { } from } metrics)
        {
            return $"{network}; not finished";
        }

        string size = $"{ResultSection.Steps(metrics.FinalSteps)} for the final network, tested on {HtmlText.Count(from.TestImages)} {BackboneRegistry.Get(run.Config.Backbone).Inputs.Plural()}";
        return $"{network}; {from.Dataset}, {size}; seed {from.Seed}, {from.Device}, {from.Numerics}, version {Short(from.Version)}";
    }

    // A commit is known by its first digits.
    private static string Short(string version)
    {
        int commit = version.IndexOf('+', StringComparison.Ordinal);
        return commit < 0 ? version : version[..Math.Min(version.Length, commit + 1 + CommitDigits)];
    }

    private static string Run(RunFiles run)
    {
        string text = File.Exists(run.Folder.Config) ? File.ReadAllText(run.Folder.Config) : "";
        return HtmlPage.Paragraph($"folder: {Path.GetFullPath(run.Folder.Path)}", "note") + (text.Length == 0 ? "" : HtmlPage.Folded("configuration", $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"configuration\"><pre>{HtmlText.Escape(text)}</pre></div>\n"));
    }
}
