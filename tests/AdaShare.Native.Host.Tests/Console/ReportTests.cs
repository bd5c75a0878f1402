using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Host.Tests.Console;

[TestFixture]
internal sealed class ReportTests
{
    private static readonly bool[][] Runs = [[true, false, true], [true, true, false]];
    private static readonly TaskSpec[] Tasks = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 1), TaskSpec.Of("depth", 1, 1)];
    private static readonly double[][] Probabilities = [[1, 0.123, 0.5], [0.9, 0.8, 0]];

    [Test]
    public void The_table_of_metrics_has_a_column_for_each_network()
    {
        string text = Render(host => Report(host, Metrics(), Policy(2), official: false));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up, 100 steps", "AdaShare, best of 2, 100 steps each", "mean ± std of 2 policies" }));
            Assert.That(Cells(text, "seg", "mean IoU"), Is.EqualTo(new[] { "seg", "mean IoU ↑", "10.00 %", "20.00 %", "30.00 %", "28.00 ± 2.00 %" }));
            Assert.That(Cells(text, "sn", "angle mean"), Is.EqualTo(new[] { "sn", "angle mean ↓", "40.00°", "20.00°", "15.00°", "16.00 ± 1.00°" }));
            Assert.That(Cells(text, "depth", "abs error"), Is.EqualTo(new[] { "depth", "abs error ↓", "1.0000 m", "0.5000 m", "0.2500 m", "0.3000 ± 0.0500 m" }));
            Assert.That(text, Does.Not.Contain("official"));
        }
    }

    [Test]
    public void What_each_phase_spent_is_reported_with_the_peak_memory_of_a_step()
    {
        MetricsFile metrics = Metrics();
        metrics.PeakBytes = new Dictionary<string, long> { ["warm_up"] = 1064L << 20, ["search"] = 5 << 19, ["retrain"] = 1L << 40 };
        metrics.Budget = new()
        {
            ["warm_up"] = new() { WeightSteps = 100, Images = 1600, MultiplyAdds = 2.5e12, Seconds = 12.34 },
            ["search"] = new() { WeightSteps = 40, OtherSteps = 20, Images = 960, MultiplyAdds = 1e12, Seconds = 5 },
            ["retrain"] = new() { WeightSteps = 1000, Images = 16000, MultiplyAdds = 2e15, Seconds = 3600 },
        };
        string text = Render(host => Report(host, metrics, null, official: false));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "phase"), Is.EqualTo(new[] { "phase", "steps on weights", "other steps", "images", "multiply-adds spent", "seconds", "peak memory" }));
            Assert.That(Cells(text, "warm-up"), Is.EqualTo(new[] { "warm-up", "100", "0", "1,600", "2.50 T", "12.3", "1,064 MB" }));
            Assert.That(Cells(text, "search"), Is.EqualTo(new[] { "search", "40", "20", "960", "1.00 T", "5.0", "2.5 MB" }));
            Assert.That(Cells(text, "retrain"), Is.EqualTo(new[] { "retrain", "1,000", "0", "16,000", "2,000.00 T", "3,600.0", "1,048,576 MB" }));
            Assert.That(Cells(text, "all"), Is.EqualTo(new[] { "all", "1,140", "20", "18,560", "2,003.50 T", "3,617.3", "1,048,576 MB" }));
        }
    }

    [Test]
    public void The_official_reading_is_a_table_of_its_own()
    {
        string text = Render(host => Report(host, Metrics(), Policy(2), official: true));
        Assert.That(text, Does.Contain("as the official code reads it"));
        Assert.That(Cells(text[text.IndexOf("official", StringComparison.Ordinal)..], "seg", "mean IoU"), Is.EqualTo(new[] { "seg", "mean IoU ↑", "11.00 %", "21.00 %", "31.00 %", "29.00 ± 2.00 %" }));
    }

    [Test]
    public void A_single_policy_has_no_spread_and_no_policy_no_column()
    {
        string one = Render(host => Report(host, Metrics(1), Policy(1), official: false));
        Assert.That(Cells(one, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up, 100 steps", "AdaShare, 100 steps" }));
        MetricsFile metrics = Metrics(0);
        string none = Render(host => Report(host, metrics, null, official: false));
        Assert.That(Cells(none, "task"), Is.EqualTo(new[] { "task", "metric", "trivial", "warm-up, 100 steps", "AdaShare, 100 steps" }));
        Assert.That(none, Does.Not.Contain("│ block"));
    }

    [Test]
    public void A_network_that_was_trained_for_other_steps_is_not_set_beside_the_final_one()
    {
        MetricsFile metrics = Metrics();
        metrics.Others[0].Steps = 40;
        Assert.That(Render(host => Report(host, metrics, null, official: false)), Does.Not.Contain("warm-up, "));
    }

    [Test]
    public void What_is_worse_than_a_constant_answer_is_marked_and_named()
    {
        MetricsFile metrics = Metrics(0);
        metrics.Final.Metrics["sn"]["angle_mean"] = 41;
        string text = Render(host => Report(host, metrics, null, official: false));
        Assert.That(Cells(text, "sn", "angle mean"), Is.EqualTo(new[] { "sn", "angle mean ↓", "40.00°", "20.00°", "41.00° !" }));
        Assert.That(text, Does.Contain("AdaShare, 100 steps: on the whole, on sn worse than the best constant answer").And.Contain("! marks what is worse than the best constant answer (column trivial)"));
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
        var cost = new ModelCost(224, 224, 21_284_672, 20_000_000, 69_410_992, 47_330_000_000, 50_130_000_000, 55_590_000_000, 58_350_000_000, 90_712_820);
        var hardSharing = new ModelCost(224, 224, 21_284_672, 21_284_672, 69_410_992, 18_530_000_000, 55_590_000_000, 55_590_000_000, 58_350_000_000, 90_712_724);
        string text = Render(host => CostTable.Write(host.Console, "AdaShare", cost, hardSharing));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Cells(text, "", "K passes"), Is.EqualTo(new[] { "", "parameters", "multiply-adds, as executed", "multiply-adds, K passes" }));
            Assert.That(Cells(text, "AdaShare: backbone"), Is.EqualTo(new[] { "AdaShare: backbone", "21,284,672", "47.33 G", "50.13 G" }));
            Assert.That(Cells(text, "hard sharing: backbone"), Is.EqualTo(new[] { "hard sharing: backbone", "21,284,672", "18.53 G", "55.59 G" }));
            Assert.That(Cells(text, "heads, the same for both"), Is.EqualTo(new[] { "heads, the same for both", "69,410,992", "58.35 G", "58.35 G" }));
            Assert.That(text, Does.Contain("224x224").And.Contain("90,712,820").And.Contain("1.375 times hard sharing's multiply-adds; 89,410,992 parameters, 0.986 times"));
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

    private static MetricsFile Metrics(int policies = 2) => new()
    {
        Trivial = Table(10, 40, 1),
        FinalSteps = 100,
        Others = [new NamedResult { Name = "warmup", Title = "warm-up", Steps = 100, Test = new TestResult { Metrics = Table(20, 20, 0.5) } }],
        Final = new TestResult { Metrics = Table(30, 15, 0.25) },
        Candidates = [.. Enumerable.Range(0, policies).Select(static i => new NamedResult { Name = $"retrain_{i}", Steps = 100 })],
        CandidateMean = Table(28, 16, 0.3),
        CandidateDeviation = policies < 2 ? null
            : new() { ["seg"] = new() { ["miou"] = 2, ["miou_official"] = 2 }, ["sn"] = new() { ["angle_mean"] = 1 }, ["depth"] = new() { ["abs_error"] = 0.05 } },
        Cost = new ModelCost(64, 64, 10, 10, 20, 4_000_000, 5_000_000, 10_000_000, 1_000_000, 30),
        HardSharingCost = new ModelCost(64, 64, 10, 10, 20, 3_300_000, 10_000_000, 10_000_000, 1_000_000, 30),
    };

    private static void Report(HostContext host, MetricsFile metrics, PolicyFile? policy, bool official) =>
        RunReport.Write(host.Console, "AdaShare", InputKind.Image, Tasks, metrics, policy, official);

    private static Dictionary<string, Dictionary<string, double>> Table(double iou, double angle, double error) => new()
    {
        ["seg"] = new() { ["miou"] = iou, ["miou_official"] = iou + 1 },
        ["sn"] = new() { ["angle_mean"] = angle },
        ["depth"] = new() { ["abs_error"] = error },
    };
}
