using AdaShare.Native.Host.Console;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Console;

[TestFixture]
internal sealed class ObserverTests
{
    private static readonly TaskSpec[] Tasks = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 1), TaskSpec.Of("depth", 1, 1)];

    [Test]
    public void Plain_lines_come_for_the_first_the_last_and_every_nth_step()
    {
        string[] lines = Lines(observer =>
        {
            observer.PhaseStarted(WarmUp(25), 0);
            for (int step = 1; step <= 25; step++)
            {
                observer.StepDone(Step(step, 25));
            }
        });
        Assert.That(lines.Select(line => line.Split("  ")[1]), Is.EqualTo(new[] { "warm-up: 25 steps", "warm-up 1/25", "warm-up 10/25", "warm-up 20/25", "warm-up 25/25" }));
    }

    [Test]
    public void A_line_has_losses_speed_and_time_left()
    {
        string[] lines = Lines(observer =>
        {
            observer.PhaseStarted(WarmUp(121), 0);
            observer.StepDone(Step(1, 121));
        });
        Assert.That(lines[1], Is.EqualTo("12:00:00  warm-up 1/121  loss 12.3  seg 2.50  sn 0.1235  16.0 img/s  1:00 left"));
    }

    [Test]
    public void The_search_shows_temperature_open_blocks_and_regularisers_after_the_tasks()
    {
        var losses = new Dictionary<string, double> { ["seg"] = 2.5, ["sharing"] = 0.25, ["sparsity"] = -1.5 };
        var record = new StepRecord(new PhaseInfo("search", 0, "search", 20), 10, "policy", 3.5, losses, 0.01, 8, 1e9, 0.5, 3 << 20) { Details = [new("temperature", 4.825), new("open_blocks", 3)] };
        Assert.That(StepText.Losses(record), Is.EqualTo("loss 3.50  temperature 4.83  open blocks 3  (policy step)  seg 2.50  sharing 0.2500  sparsity -1.50"));
    }

    [Test]
    public void A_phase_that_goes_on_says_after_which_step()
    {
        string[] lines = Lines(observer => observer.PhaseStarted(new PhaseInfo("retrain", 1, "retrain 2 of 8", 100), 40));
        Assert.That(lines, Is.EqualTo(new[] { "12:00:00  retrain 2 of 8: goes on after step 40 of 100" }));
    }

    [Test]
    public void A_validation_shows_the_main_metrics_of_the_corrected_reading()
    {
        var metrics = new MetricTable();
        metrics.Set("seg", "miou", 12.345);
        metrics.Set("seg", "miou_official", 50);
        metrics.Set("seg", "pixel_accuracy", 60);
        metrics.Set("seg", "cross_entropy", 2);
        metrics.Set("depth", "abs_error", 0.5);
        metrics.Set("sn", "angle_mean", 20);
        string[] lines = Lines(observer =>
        {
            observer.PhaseStarted(WarmUp(100), 0);
            observer.Validated(WarmUp(100), 50, metrics);
        });
        Assert.That(lines[1], Is.EqualTo("12:00:00  warm-up 50: validation: seg mean IoU 12.35 %, pixel accuracy 60.00 %; sn angle mean 20.00°; depth abs error 0.5000 m"));
    }

    [Test]
    public void Speed_forgets_a_slow_first_step_and_the_phase_before()
    {
        var meter = new SpeedMeter();
        meter.Add(Step(1, 1000) with { Seconds = 100 });
        for (int step = 2; step <= 300; step++)
        {
            meter.Add(Step(step, 1000));
        }

        Assert.That(meter.ImagesPerSecond, Is.EqualTo(16).Within(0.01));
        Assert.That(meter.Left(100).TotalSeconds, Is.EqualTo(50).Within(0.1));
        meter.Reset();
        Assert.That(meter.ImagesPerSecond, Is.Zero);
        Assert.That(meter.Left(100), Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase(5.4, "0:05")]
    [TestCase(65, "1:05")]
    [TestCase(3725, "1:02:05")]
    [TestCase(90061, "1d 01:01:01")]
    public void Durations_are_short(double seconds, string expected) => Assert.That(StepText.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [TestCase(0, "0.0000")]
    [TestCase(0.00001234, "1.2e-5")]
    [TestCase(0.0123, "0.0123")]
    [TestCase(-3.456, "-3.46")]
    [TestCase(34.56, "34.6")]
    [TestCase(3456.7, "3457")]
    public void Numbers_have_the_digits_that_count(double value, string expected) => Assert.That(StepText.Number(value), Is.EqualTo(expected));

    [Test]
    public void The_position_is_that_of_the_last_step()
    {
        var observer = new PositionObserver(new PlainObserver(TextWriter.Null, 10, Tasks, new RunMeter(0, []), Noon.Clock));
        Assert.That(observer.Position, Is.Null);
        observer.PhaseStarted(new PhaseInfo("search", 0, "search", 25), 5);
        Assert.That(observer.Position, Is.EqualTo("step 5 of 25 of search"));
        observer.StepDone(Step(6, 25));
        Assert.That(observer.Position, Is.EqualTo("step 6 of 25 of search"));
    }

    [TestCase(30, "1/9  8 img/s  loss 3  seg 2")]
    [TestCase(25, "1/9  8 img/s  loss 3")]
    [TestCase(12, "1/9")]
    [TestCase(2, "1/")]
    public void The_text_beside_a_bar_loses_whole_parts(int width, string expected) =>
        Assert.That(StatusColumn.Fit("1/9  8 img/s  loss 3  seg 2", width), Is.EqualTo(expected));

    private static StepRecord Step(long step, long steps) =>
        new(WarmUp(steps), step, StepRecord.Weights, 12.34, new Dictionary<string, double> { ["seg"] = 2.5, ["sn"] = 0.12345 }, 0.001, 8, 1e9, 0.5, 1 << 20);

    private static PhaseInfo WarmUp(long steps) => new("warm_up", 0, "warm-up", steps);

    private static string[] Lines(Action<PlainObserver> action)
    {
        var output = new StringWriter();
        action(new PlainObserver(output, 10, Tasks, new RunMeter(0, []), Noon.Clock));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [Test]
    public void What_is_left_in_all_is_said_where_phases_follow()
    {
        var output = new StringWriter();
        var observer = new PlainObserver(output, 10, Tasks, new RunMeter(200, [("warm_up", 0, 0)]), Noon.Clock);
        observer.PhaseStarted(WarmUp(121), 79);
        observer.StepDone(Step(80, 121));
        Assert.That(output.ToString(), Does.Contain("0:20 left, 1:00 in all"));
    }

    [Test]
    public void A_checkpoint_that_is_written_again_is_told_once()
    {
        string[] saved = ["runs/a/latest.safetensors", "runs/a/best.safetensors", "runs/a/latest.safetensors", "runs/b/latest.safetensors"];
        Assert.That(Lines(observer => Array.ForEach(saved, observer.CheckpointSaved)), Is.EqualTo(new[]
        {
            "12:00:00  checkpoint runs/a/latest.safetensors", "12:00:00  checkpoint best.safetensors", "12:00:00  checkpoint runs/b/latest.safetensors",
        }));
    }

    private sealed class Noon : TimeProvider
    {
        public static Noon Clock { get; } = new();

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    }
}
