using AdaShare.Native.Host.Console;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using Spectre.Console;

namespace AdaShare.Native.Host.Tests.Console;

/// <summary>What stands below the progress bars.</summary>
[TestFixture]
internal sealed class LivePanelTests
{
    private static readonly string[] Tasks = ["seg", "depth"];
    private static readonly double[][] Policy = [[1, 0.5, 0], [0.25, 0.004, 0.996]];

    [Test]
    public void A_wide_terminal_shows_the_probabilities()
    {
        string[] lines = Draw(60, ColorSystemSupport.NoColors);
        Assert.That(lines, Is.EqualTo(new[] { "all phases: step 1 of 2", "policy   0   1   2", "seg    100█ 50▒  0", "depth   25░  0 100█" }));
    }

    [Test]
    public void Colours_shade_the_cells()
    {
        string drawn = string.Join('\n', Draw(60, ColorSystemSupport.TrueColor));
        Assert.That(drawn, Does.Contain("48;2;245;245;245m100 ").And.Contain("48;2;30;30;30m  0 "));
    }

    [TestCase(14, "dept ░░  ██")]
    [TestCase(9, "dep ░ █")]
    [TestCase(7, "de ░ █")]
    [TestCase(5, "d ░ █")]
    [TestCase(4, "d ░…")]
    public void A_narrow_terminal_shows_shades_and_no_line_is_wider(int width, string last)
    {
        string[] lines = Draw(width, ColorSystemSupport.NoColors);
        Assert.That(lines, Has.All.Length.LessThanOrEqualTo(width));
        Assert.That(lines[^1], Is.EqualTo(last));
    }

    [Test]
    public void Blocks_that_do_not_fit_are_left_out_with_a_mark()
    {
        double[][] many = [[.. Enumerable.Repeat(1.0, 100)]];
        string[] lines = Draw(40, ColorSystemSupport.NoColors, many);
        Assert.That(lines[^1], Has.Length.LessThanOrEqualTo(40).And.EndsWith("…"));
    }

    [Test]
    public void The_best_so_far_is_kept_by_the_direction_of_the_metric()
    {
        var text = new BestSoFarText([TaskSpec.Of("seg", 40, 1), TaskSpec.Of("depth", 1, 1)]);
        var phase = new PhaseInfo("retrain", 0, "retrain", 100);
        Assert.That(text.Add(phase, 10, Measured(20, 0.5)), Is.EqualTo(new[] { "seg mean IoU 20.00 % at step 10 of retrain, the best so far", "depth abs error 0.5000 m at step 10 of retrain, the best so far" }));
        Assert.That(text.Add(phase, 20, Measured(15, 0.6)), Is.EqualTo(new[] { "seg mean IoU 15.00 % at step 20 of retrain; best 20.00 % at step 10", "depth abs error 0.6000 m at step 20 of retrain; best 0.5000 m at step 10" }));
        text.Reset();
        Assert.That(text.Add(phase, 30, Measured(1, 9))[0], Does.EndWith("the best so far"));
    }

    [Test]
    public void A_run_that_goes_on_counts_the_phases_before()
    {
        var meter = new RunMeter(100, [("warm_up", 0, 0), ("search", 0, 40)]);
        meter.Begin(new PhaseInfo("search", 0, "search", 30), 5);
        Assert.That((meter.Done, meter.Total), Is.EqualTo((45L, 100L)));
        meter.Add(new StepRecord(new PhaseInfo("search", 0, "search", 30), 6, "weights", 1, new Dictionary<string, double>(), 0.1, 8, 1, 2, 1));
        Assert.That(meter.Left, Is.EqualTo(TimeSpan.FromSeconds(54 * 2)));
    }

    private static MetricTable Measured(double miou, double error)
    {
        var metrics = new MetricTable();
        metrics.Set("seg", "miou", miou);
        metrics.Set("depth", "abs_error", error);
        return metrics;
    }

    private static string[] Draw(int width, ColorSystemSupport colours, double[][]? policy = null)
    {
        var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colours,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(new LivePanel(new LiveContent(["all phases: step 1 of 2"], Tasks, policy ?? Policy)));
        return [.. output.ToString().TrimEnd('\n').Split('\n').Select(static line => line.TrimEnd())];
    }
}
