using System.Text.Json;
using System.Xml.Linq;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.Tests;

/// <summary>What the page of a run says is what its files say.</summary>
public sealed class RunPageTests
{
    private static RunFiles Run => SmallRuns.AdaShare.Files;

    private static XDocument Page => Markup.Read(RunPage.Of(Run, SmallRuns.AdaShare.Samples));

    [Test]
    public void Values_are_those_of_metrics_json()
    {
        string[][] table = Page.Section("results").Table("held-out test part");
        Assert.That(table[0], Is.EqualTo(new[] { "task", "metric", "best constant answer", "hard sharing, 5 steps", "AdaShare, best of 2 policies, 5 steps" }));
        MetricsFile metrics = Run.Metrics!;
        Dictionary<string, Dictionary<string, double>> hard = metrics.Others.Single(static other => other.IsComparison).Test.Metrics;
        int row = 1;
        foreach (TaskSpec task in Run.Tasks)
        {
            foreach (MetricInfo info in task.Kind.Metrics.Where(static info => !info.IsOfficial))
            {
                string[] expected = [task.Name, info.TitleWithArrow, .. new[] { metrics.Trivial, hard, metrics.Final.Metrics }.Select(of => info.Format(of[task.Name][info.Name]))];
                Assert.That(table[row++], Is.EqualTo(expected));
            }
        }

        Assert.That(table, Has.Length.EqualTo(row));
    }

    [Test]
    public void The_policy_over_time_is_that_of_the_log()
    {
        string json = Page.All("script").Single(static script => (string?)script.Attribute("id") == "policy-frames").Value;
        JsonElement[] frames = [.. JsonDocument.Parse(json).RootElement.EnumerateArray()];
        LoggedStep[] logged = [.. Run.History.Steps.Where(static step => step.Probability is not null)];
        Assert.That(logged, Has.Length.EqualTo(8), "every step of the search is logged here");
        Assert.That(frames, Has.Length.EqualTo(logged.Length));
        for (int i = 0; i < frames.Length; i++)
        {
            double[][] p = [.. frames[i].GetProperty("p").EnumerateArray().Select(static row => row.EnumerateArray().Select(static v => v.GetDouble()).ToArray())];
            Assert.That(p.SelectMany(static row => row), Is.EqualTo(logged[i].Probability!.SelectMany(static row => row)).Within(0.0006));
            Assert.That(frames[i].GetProperty("label").GetString(), Does.EndWith($"step {logged[i].Position.Step}"));
        }

        Assert.That(logged[^1].Probability!.SelectMany(static row => row), Is.EqualTo(Run.Policy!.Probability.SelectMany(static row => row)).Within(1e-4), "the last frame is what was learnt");
    }

    [Test]
    public void The_final_policy_and_what_tasks_have_in_common_are_shown()
    {
        XElement section = Page.Section("policy");
        bool[][] policy = Run.Policy!.Sampled[Run.Policy.Selected!.Value];
        string[][] cells = section.Table("the policy of the final network");
        string[][] shared = section.Table("blocks that both tasks run");
        for (int t = 0; t < policy.Length; t++)
        {
            Assert.That(cells[t + 1], Is.EqualTo(new[] { Run.Config.Tasks[t] }.Concat(policy[t].Select(static on => on ? "run" : "skip"))));
            Assert.That(section.Table("what each task leaves out")[t + 1][1], Is.EqualTo($"{policy[t].Count(static on => !on)} of 8"));
            for (int other = 0; other < policy.Length; other++)
            {
                int both = Enumerable.Range(0, 8).Count(b => policy[t][b] && policy[other][b]), either = Enumerable.Range(0, 8).Count(b => policy[t][b] || policy[other][b]);
                Assert.That(shared[t + 1][other + 1], Is.EqualTo($"{(either == 0 ? 0 : Math.Round(100.0 * both / either))}"));
            }
        }
    }

    [Test]
    public void Every_sample_has_a_picture_of_image_label_prediction_and_error_for_each_task()
    {
        XElement[] pictures = [.. Page.Section("samples").All("img")];
        Assert.That(pictures, Has.Length.EqualTo(2 * 3 * 4));
        foreach (XElement picture in pictures)
        {
            string source = picture.Attribute("src")!.Value;
            Assert.That(source, Does.StartWith("data:image/png;base64,"));
            using var bytes = new MemoryStream(Convert.FromBase64String(source[(source.IndexOf(',', StringComparison.Ordinal) + 1)..]));
            ByteImage image = Png.Read(bytes, "a picture of the page");
            Assert.That((image.Width, image.Height), Is.EqualTo((48, 36)));
            Assert.That(picture.Attribute("alt")!.Value, Is.Not.Empty);
        }
    }

    [Test]
    public void A_name_is_text_whatever_is_in_it()
    {
        Assert.That(Page.All("h1").Single().Value, Is.EqualTo("ada <b>&amp;\"share\": AdaShare"));
        Assert.That(HtmlText.Escape("a\u0001\uFFFE<'\">&\U0001F600"), Is.EqualTo("a&lt;&#39;&quot;&gt;&amp;\U0001F600"));
    }

    [Test]
    public void Nothing_is_fetched_and_the_page_is_small()
    {
        string text = RunPage.Of(Run, SmallRuns.AdaShare.Samples).ToString();
        Assert.That(text.Length, Is.LessThan(1_000_000));
        Assert.That(text.Replace("http://www.w3.org/1999/xhtml", ""), Does.Not.Contain("http:").And.Not.Contain("https:").And.Not.Contain("@import").And.Not.Contain("src=\"/"));
    }

    [Test]
    public void A_run_without_results_has_a_page_that_says_so()
    {
        RunFiles unfinished = Run with { Metrics = null, Policy = null };
        XDocument page = Markup.Read(RunPage.Of(unfinished));
        Assert.That(page.Section("results").Value, Does.Contain("not finished"));
        Assert.That(page.Section("curves").All("svg"), Is.Not.Empty);
    }

    [Test]
    public void Runs_stand_side_by_side()
    {
        string[][] table = Markup.Read(ComparisonPage.Of([Run, SmallRuns.HardSharing])).Section("results").Table("held-out");
        Assert.That(table[0][2..], Is.EqualTo(new[] { "ada <b>&amp;\"share\": AdaShare, 5 steps, seed 88", "hard: hard sharing, 5 steps, seed 88" }));
        MetricInfo first = Run.Tasks[0].Kind.Metrics[0];
        Assert.That(table[1][2..], Is.EqualTo(new[] { Run, SmallRuns.HardSharing }.Select(run => first.Format(run.Metrics!.Final.Metrics["seg"][first.Name]))));
    }

    [Test]
    public void Runs_of_other_tasks_or_given_twice_are_refused()
    {
        Assert.That(() => ComparisonPage.Of([Run, Run]), Throws.TypeOf<DataException>().With.Message.Contains("is given twice"));
        RunFiles other = SmallRuns.HardSharing with { Config = new() { Method = "hard_sharing", Tasks = ["seg"], TasksNumClass = [13], Lambdas = [1] } };
        Assert.That(() => ComparisonPage.Of([Run, other]), Throws.TypeOf<DataException>().With.Message.Contains("give runs of the same tasks"));
    }

    [Test]
    public void A_file_that_is_no_report_is_not_replaced()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}.html");
        try
        {
            File.WriteAllText(path, "<html>mine</html>");
            HtmlPage page = RunPage.Of(Run);
            Assert.That(() => page.Write(path), Throws.TypeOf<DataException>().With.Message.Contains("is no report, so it is not replaced"));
            Assert.That(File.ReadAllText(path), Is.EqualTo("<html>mine</html>"));
            File.Delete(path);
            page.Write(path);
            page.Write(path);
            Assert.That(File.ReadAllText(path), Is.EqualTo(page.ToString()));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
