using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.Tests;

/// <summary>log.jsonl, read back.</summary>
public sealed class RunHistoryTests
{
    private const string Step = "{\"phase\":\"retrain\",\"index\":1,\"step\":3,\"updates\":\"weights\",\"loss\":2,\"losses\":{\"seg\":1.5,\"sn\":\"NaN\"},\"learning_rate\":0.1,\"learning_rates\":{\"heads\":0.1,\"backbone\":0.2},\"peak_bytes\":9,\"images_per_second\":7,\"elapsed\":1.5,\"time\":\"2026-12-01T02:03:04.567Z\"}";
    private const string Validation = "{\"phase\":\"retrain\",\"index\":0,\"step\":4,\"validation\":{\"seg\":{\"miou\":20.5}}}";

    private string _path = "";

    [SetUp]
    public void Choose() => _path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}.jsonl");

    [TearDown]
    public void Remove() => File.Delete(_path);

    [Test]
    public void Phases_stand_one_behind_another()
    {
        RunHistory history = Read(Validation, Step);
        Assert.That(history.Steps.Single().Losses["seg"], Is.EqualTo(1.5));
        Assert.That(history.Steps.Single().Losses["sn"], Is.NaN);
        Assert.That(history.Steps.Single().Figures["learning_rate"], Is.EqualTo(0.1));
        Assert.That(history.Steps.Single().Figures["learning_rate/backbone"], Is.EqualTo(0.2));
        Assert.That(history.Steps.Single().Time, Is.EqualTo(new LoggedTime(1.5, new DateTimeOffset(2026, 12, 1, 2, 3, 4, 567, TimeSpan.Zero))));
        Assert.That(history.Validations.Single().Time, Is.EqualTo(default(LoggedTime)), "a log of an earlier version");
        Assert.That(history.Validations.Single().Metrics["seg"]["miou"], Is.EqualTo(20.5));
        Assert.That(history.At(history.Steps[0].Position), Is.EqualTo(4 + 3));
        Assert.That(history.Phases.Select(phase => history.Title(phase.Phase, phase.Index)), Is.EqualTo(new[] { "retrain 1", "retrain 2" }));
    }

    [Test]
    public void A_last_line_that_is_cut_off_is_left_out() => Assert.That(Read(Validation, Step[..40]).Steps, Is.Empty);

    [TestCase("{\"phase\":\"retrain\"}")]
    [TestCase("[1]")]
    [TestCase("nonsense")]
    [TestCase("{\"phase\":1,\"index\":0,\"step\":1}")]
    [TestCase("{\"phase\":\"a\",\"index\":0.5,\"step\":1}")]
    public void Any_other_line_is_named(string line) =>
        Assert.That(() => Read(line, Validation), Throws.TypeOf<DataException>().With.Message.Contains("line 1 is none of a run's log").And.Message.Contains(_path));

    [Test]
    public void What_is_written_later_is_read_later()
    {
        RunHistory history = Read(Validation);
        File.AppendAllText(_path, Step[..30]);
        history.ReadMore();
        Assert.That(history.Steps, Is.Empty, "the line has no end yet");
        File.AppendAllText(_path, Step[30..] + "\n");
        history.ReadMore();
        Assert.That(history.Steps.Single().Losses["seg"], Is.EqualTo(1.5));
        Assert.That(history.Validations, Has.Count.EqualTo(1));
    }

    [Test]
    public void No_log_is_an_empty_one() => Assert.That(RunHistory.Read(_path).Steps, Is.Empty);

    private RunHistory Read(params string[] lines)
    {
        File.WriteAllLines(_path, lines);
        return RunHistory.Read(_path);
    }
}
