using AdaShare.Native.Host.Console;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Host.Tests.Console;

[TestFixture]
internal sealed class ReportTests
{
    private static readonly bool[][] Runs = [[true, false, true], [true, true, false]];
    private static readonly double[][] Probabilities = [[1, 0.123, 0.5], [0.9, 0.8, 0]];

    [Test]
    public void The_table_of_metrics_has_a_column_for_each_network()
    {
        string text = Render(host => RunReport.Write(host.Console, Metrics(), Policy(2), official: false));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up (hard sharing)", "AdaShare, best policy", "mean ± std of 2 policies" }));
            Assert.That(Cells(text, "seg", "mean IoU"), Is.EqualTo(new[] { "seg", "mean IoU ↑", "10.00 %", "20.00 %", "30.00 %", "28.00 ± 2.00 %" }));
            Assert.That(Cells(text, "sn", "angle mean"), Is.EqualTo(new[] { "sn", "angle mean ↓", "40.00°", "20.00°", "15.00°", "16.00 ± 1.00°" }));
            Assert.That(Cells(text, "depth", "abs error"), Is.EqualTo(new[] { "depth", "abs error ↓", "1.0000", "0.5000", "0.2500", "0.3000 ± 0.0500" }));
            Assert.That(text, Does.Not.Contain("official"));
        }
    }

    [Test]
    public void The_peak_memory_of_a_step_is_reported_for_each_phase()
    {
        MetricsFile metrics = Metrics();
        Assert.That(Render(host => RunReport.Write(host.Console, metrics, null, official: false)), Does.Not.Contain("peak memory"), "a run of an earlier version has not measured it");
        metrics.PeakBytes = new Dictionary<string, long> { ["warm_up"] = 1064L << 20, ["search"] = 5 << 19, ["retrain"] = 1L << 40 };
        string text = Render(host => RunReport.Write(host.Console, metrics, null, official: false));
        Assert.That(text.ReplaceLineEndings(" "), Does.Contain("peak memory of a step: warm-up 1,064 MB, search 2.5 MB, retrain 1,048,576 MB"));
    }

    [Test]
    public void The_official_reading_is_a_table_of_its_own()
    {
        string text = Render(host => RunReport.Write(host.Console, Metrics(), Policy(2), official: true));
        Assert.That(text, Does.Contain("as the official code reads it"));
        Assert.That(Cells(text[text.IndexOf("official", StringComparison.Ordinal)..], "seg", "mean IoU"), Is.EqualTo(new[] { "seg", "mean IoU ↑", "11.00 %", "21.00 %", "31.00 %", "29.00 ± 2.00 %" }));
    }

    [Test]
    public void A_single_policy_has_no_spread_and_no_policy_no_column()
    {
        string one = Render(host => RunReport.Write(host.Console, Metrics(), Policy(1), official: false));
        Assert.That(Cells(one, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up (hard sharing)", "AdaShare, retrained" }));
        MetricsFile metrics = Metrics();
        metrics.Retrained = [];
        string none = Render(host => RunReport.Write(host.Console, metrics, null, official: false));
        Assert.That(Cells(none, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up (hard sharing)" }));
        Assert.That(none, Does.Not.Contain("│ block"));
    }

    [Test]
    public void The_policy_shows_decisions_and_probabilities()
    {
        string text = Render(host => PolicyGrid.Write(host.Console, "my policy", ["seg", "depth"], Runs, Probabilities));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "block"), Is.EqualTo(new[] { "block", "0", "1", "2", "run" }));
            Assert.That(Cells(text, "seg"), Is.EqualTo(new[] { "seg", "■", "·", "■", "2/3" }));
            Assert.That(Cells(text, "p %"), Is.EqualTo(new[] { "p %", "100", "12", "50", "" }));
            Assert.That(Cells(text, "depth"), Is.EqualTo(new[] { "depth", "■", "■", "·", "2/3" }));
            Assert.That(text, Does.Contain("my policy").And.Contain("the learnt probability"));
        }
    }

    [Test]
    public void A_policy_of_sixteen_blocks_stays_narrow()
    {
        var half = Enumerable.Range(0, 16).Select(block => block % 2 == 0).ToArray();
        var certain = Enumerable.Repeat(1.0, 16).ToArray();
        string text = Render(host => PolicyGrid.Write(host.Console, "p", ["keypoint"], [half], [certain]));
        Assert.That(text.Split('\n').Max(line => line.TrimEnd().Length), Is.LessThanOrEqualTo(84));
    }

    [Test]
    public void Cost_keeps_backbone_and_heads_apart()
    {
        var cost = new CostFigures(224, 224, 21_284_672, 20_000_000, 69_410_992, 50_130_000_000, 55_590_000_000, 58_350_000_000, 90_712_820);
        string text = Render(host => CostTable.Write(host.Console, cost));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "backbone"), Is.EqualTo(new[] { "backbone", "21,284,672", "50.13 G", "55.59 G", "9.8 %" }));
            Assert.That(Cells(text, "heads"), Is.EqualTo(new[] { "heads", "69,410,992", "58.35 G", "58.35 G", "0.0 %" }));
            Assert.That(Cells(text, "both"), Is.EqualTo(new[] { "both", "90,695,664", "108.48 G", "113.94 G", "4.8 %" }));
            Assert.That(text, Does.Contain("224x224").And.Contain("90,712,820").And.Contain("20,000,000 parameters"));
        }
    }

    [Test]
    public void A_golden_run_is_shown_row_by_row_and_summed_up()
    {
        var output = new StringWriter();
        var report = new GoldenReport(output);
        List<GoldenRow> rows = [new("step 0 warmup", "loss seg", 3.5, 3.5, 1e-7, 1e-8, 2e-5)];
        report.Write(rows);
        rows.Add(new GoldenRow("step 0 warmup", "loss sn", 2, 1, 1, 1e-8, 2e-5));
        rows.Add(new GoldenRow("evaluation", "miou", 10.04, 10, 0.04, 1e-8, 1e-2, 0.04));
        bool passed = report.WriteSummary(rows, ["extra"]);
        string text = output.ToString();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(passed, Is.False);
            Assert.That(text.Split("loss seg"), Has.Length.EqualTo(2), "each row once");
            Assert.That(text, Does.Match(@"loss seg +3\.5 +3\.5 +1\.0e-7 +1\.0e-8 +2\.0e-5  ok"));
            Assert.That(text, Does.Match(@"loss sn +2 +1 +1\.0e\+0 +1\.0e-8 +2\.0e-5  FAILED"));
            Assert.That(text, Does.Contain("ok (0.040 points)"));
            Assert.That(text, Does.Contain("not compared, since their names are not known here: extra"));
            Assert.That(text, Does.Contain("FAILED: 1 of 3 quantities out of bounds; the largest deviation for its bound: step 0 warmup, loss sn"));
        }
    }

    [Test]
    public void A_golden_run_within_its_bounds_passes()
    {
        var output = new StringWriter();
        Assert.That(new GoldenReport(output).WriteSummary([new("step 0 warmup", "loss seg", 3.5, 3.5, 1e-7, 1e-8, 2e-5)], []), Is.True);
        Assert.That(output.ToString(), Does.Contain("passed: 1 quantities within their bounds"));
    }

    private static string Render(Action<HostContext> write)
    {
        var output = new StringWriter();
        write(HostContext.Plain(output, TextWriter.Null));
        return output.ToString();
    }

    /// <summary>The cells of the first line that begins with one text and contains another.</summary>
    private static string[] Cells(string text, string first, string second = "") =>
        [.. text.Split('\n').Select(line => line.Trim().Trim('│').Split('│')).First(cells => cells[0].Trim() == first && string.Join('│', cells).Contains(second)).Select(cell => cell.Trim())];

    private static PolicyFile Policy(int policies) => new()
    {
        Tasks = ["seg", "depth"],
        Probability = Probabilities,
        ArgMax = Runs,
        Sampled = [.. Enumerable.Repeat(Runs, policies)],
        Selected = 0,
    };

    private static MetricsFile Metrics() => new()
    {
        Trivial = Table(10, 40, 1),
        WarmUp = Table(20, 20, 0.5),
        Retrained = Table(30, 15, 0.25),
        RetrainedMean = Table(28, 16, 0.3),
        RetrainedStd = new() { ["seg"] = new() { ["miou"] = 2, ["miou_official"] = 2 }, ["sn"] = new() { ["angle_mean"] = 1 }, ["depth"] = new() { ["abs_error"] = 0.05 } },
        Cost = new CostSummary { Height = 64, Width = 64, BackboneParameters = 10, HeadParameters = 20, BackboneMultiplyAdds = 5_000_000, FullBackboneMultiplyAdds = 10_000_000, HeadMultiplyAdds = 1_000_000 },
    };

    private static Dictionary<string, Dictionary<string, double>> Table(double iou, double angle, double error) => new()
    {
        ["seg"] = new() { ["miou"] = iou, ["miou_official"] = iou + 1 },
        ["sn"] = new() { ["angle_mean"] = angle },
        ["depth"] = new() { ["abs_error"] = error },
    };
}
