using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>The benchmarks with very small networks: what they print, and what machines read.</summary>
[TestFixture]
internal sealed class BenchCommandTests
{
    private static readonly string[] Tiny = ["--device", "cpu", "--threads", "1", "--width", "0.125", "--head-width", "0.01", "--rounds", "5"];
    private static readonly string[] Small =
    [
        .. ((string[])["model.width=0.125", "model.head_width=0.01", "train.batch_size=2", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.scenes.height=32", "dataload.scenes.width=32", "dataload.scenes.train1=8", "dataload.scenes.train2=4"])
            .SelectMany(static key => (string[])["--set", key]),
    ];

    private string _file = "";

    [SetUp]
    public void SetUp() => _file = Path.Combine(Path.GetTempPath(), $"adashare-bench-{Guid.NewGuid():n}", "run.json");

    [TearDown]
    public void TearDown()
    {
        if (Directory.Exists(Path.GetDirectoryName(_file)))
        {
            Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        }
    }

    [Test]
    public void Steps_are_shown_in_tables_that_fit()
    {
        CommandRun run = CommandRun.Of(["bench", "step", .. Tiny, "--crop", "32x48", "--batch", "1", "--kind", "policy,warm-up", "--open", "3,all,8", "--recompute", "--ops"]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        string[] lines = run.Output.Split('\n');
        Assert.That(lines.Select(static line => line.TrimEnd().Length), Is.All.LessThanOrEqualTo(HostContext.PlainWidth));
        Assert.That(lines, Has.One.Contains("step: ResNet18/8 heads/8 seg,sn,depth, 32x48, batch 1, fast, recomputing blocks").And.One.Contains("kernels of policy, 3 open"));
        Assert.That(lines.Count(static line => line.StartsWith("│ policy, all open ", StringComparison.Ordinal)), Is.EqualTo(2), "all and 8 are the same blocks; a row in each table");
        Assert.That(run.Output, Does.Contain("backbone again").And.Contain("between kernels").And.Not.Contain("CUDA graph"));
    }

    [Test]
    public void Every_backbone_can_be_timed()
    {
        CommandRun run = CommandRun.Of(["bench", "step", .. Tiny, "--tasks", "depth", "--crop", "32", "--kind", "policy", "--open", "all", "--backbone", "PlainResNet50"]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(run.Output, Does.Contain("step: PlainResNet50/8 heads/8 depth, 32x32"));
    }

    [Test]
    public void Standard_output_is_a_machines_where_it_asks_for_that()
    {
        CommandRun run = CommandRun.Of(["bench", "step", .. Tiny, "--tasks", "depth,edge", "--crop", "16", "--kind", "weights", "--open", "1", "--ops", "--json", "-"]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllText(_file, run.Output);
        BenchmarkRun read = ResultFile.Read(_file);
        BenchmarkRow step = read.Rows[0];
        Assert.Multiple(() =>
        {
            Assert.That((read.Benchmark, read.Policy.Device, read.Policy.Numerics, read.Policy.Threads), Is.EqualTo(("step", "cpu", "fast", 1)));
            Assert.That(step.Name, Is.EqualTo("step ResNet18/8 heads/8 depth,edge 16x16 b2: weights, 1 open"));
            Assert.That((step.Unit, step.HigherIsBetter, step.Value.Samples.Count), Is.EqualTo(("ms", false, 5)));
            Assert.That(step.Figures!.Values.Append(step.Value.Median), Is.All.GreaterThan(0).And.All.Matches<double>(double.IsFinite));
            Assert.That(step.Figures.Keys, Is.SupersetOf(new[]
            {
                "images_per_s", "tflop_per_s", "peak_bytes", "profiled_ms", "share_data", "share_policy", "share_backbone", "share_heads", "share_loss", "share_optimiser", "share_between_kernels",
            }));
            Assert.That(read.Rows.Skip(1).Select(static row => row.Facts!["section"]).Distinct(), Is.EquivalentTo(new[] { "data", "policy", "backbone", "heads", "loss", "optimiser" }));
        });
    }

    [Test]
    public void Predictions_are_shown_for_every_policy_and_written_beside()
    {
        CommandRun run = CommandRun.Of(
            ["bench", "infer", .. Tiny, "--backbone", "ResNet34", "--size", "16x32", "--batch", "2", "--predictions", "20", "--skip", "seg:1", "--skip", "sn:0,2;depth:3", "--random", "0.5", "--json", _file]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        string[] lines = run.Output.Split('\n');
        Assert.That(lines.Select(static line => line.TrimEnd().Length), Is.All.LessThanOrEqualTo(HostContext.PlainWidth));
        string[] policies = ["one pass a task, all blocks", "all blocks, one pass", "published nyu_v2_3task", "skip seg:1", "skip sn:0,2;depth:3", "random, 0.5 skipped"];
        Assert.That(policies, Has.All.Matches<string>(policy => lines.Count(line => line.StartsWith($"│ {policy} ", StringComparison.Ordinal)) == 1));
        BenchmarkRun read = ResultFile.Read(_file);
        Assert.That(read.Rows.Select(static row => row.Name).Take(2), Is.EqualTo(new[]
        {
            "infer ResNet34/8 heads/8 seg,sn,depth 16x32 b1: one pass a task, all blocks", "infer ResNet34/8 heads/8 seg,sn,depth 16x32 b2: one pass a task, all blocks",
        }));
        Assert.That(read.Rows, Has.Count.EqualTo(2 * policies.Length));
        Assert.That(read.Rows.Select(static row => row.Value.Median), Is.All.GreaterThan(0));
        Assert.That(lines, Has.One.EqualTo($"figures: {_file}"));
    }

    [Test]
    public void The_loader_is_measured_for_a_configuration()
    {
        CommandRun run = CommandRun.Of(
            "bench", "data", "--set", "dataload.scenes.height=24", "--set", "dataload.scenes.width=24", "--set", "tasks=[depth]", "--set", "tasks_num_class=[1]", "--set", "lambdas=[1]", "--crop", "16", "--batch", "2",
            "--workers", "2,1", "--json", _file);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(run.Output, Does.Contain("batches: 2 crops of 16x16 for depth").And.Match("to the device: [1-9][0-9,]* bytes an image"));
        BenchmarkRun read = ResultFile.Read(_file);
        Assert.That(read.Rows.Select(static row => row.Name), Is.EqualTo(new[]
        {
            "data quick 16x16 b2 depth: workers 2, first pass", "data quick 16x16 b2 depth: workers 2, later passes", "data quick 16x16 b2 depth: workers 2, a core", "data quick 16x16 b2 depth: workers 1, first pass",
            "data quick 16x16 b2 depth: workers 1, later passes", "data quick 16x16 b2 depth: workers 1, a core", "data quick 16x16 b2 depth: to the device",
        }));
    }

    [Test]
    public void Ways_of_reporting_are_measured_by_turns_over_the_same_steps()
    {
        CommandRun run = CommandRun.Of(["bench", "reporting", "--device", "cpu", "--steps", "6", "--turns", "3", "--json", _file, .. Small]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        BenchmarkRun read = ResultFile.Read(_file);
        string[] ways = ["nothing", "log.jsonl", "log and lines", "log and live view", "log and TensorBoard"];
        Assert.That(read.Rows.Select(static row => row.Name), Is.EqualTo(((string[])[.. ways, .. ways.Select(static way => $"{way}, told on the training thread / step"), "log and live view, drawn by its own thread / step"]).Select(static name => $"reporting quick b2: {name}")));
        Assert.That(read.Rows.Select(static row => row.Value.Samples.Count), Is.All.EqualTo(3));
        Assert.That(read.Rows.Select(static row => row.Value.Min), Is.All.GreaterThan(0));
        Assert.That(read.Rows.Skip(ways.Length).Take(ways.Length).Select(static row => row.Value.Median), Is.All.LessThan(0.5), "a share of the step");
        Assert.That((read.Rows[0].Figures!["ratio_to_nothing"], read.Rows[0].Figures!["processor_ratio_to_nothing"]), Is.EqualTo((1, 1)));
        Assert.That(run.Output, Does.Contain("medians of 3 turns of 6 steps, every 50th logged"));

        CommandRun refused = CommandRun.Of(["bench", "reporting", "--device", "cpu", "--steps", "60000", .. Small]);
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((ExitCode.Usage, "adashare: --steps is 60000, and the run has 2060 steps, of which 3 are not timed; take fewer, or a longer run\n")));
    }

    [TestCase("step")]
    [TestCase("infer")]
    [TestCase("data")]
    [TestCase("reporting")]
    public void A_benchmark_that_is_stopped_says_so(string benchmark)
    {
        string[] options = benchmark == "reporting" ? Small : benchmark == "data" ? [] : Tiny;
        CommandRun run = CommandRun.Of(new CancellationToken(canceled: true), ["bench", benchmark, .. options]);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { "adashare: stopped" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Interrupted));
    }
}
