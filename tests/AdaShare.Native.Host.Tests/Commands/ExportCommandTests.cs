using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Tables;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>What a run's log has, for other programs: while it trains, and afterwards.</summary>
[TestFixture]
internal sealed class ExportCommandTests
{
    private string _folder = "";
    private string _run = "";
    private CommandRun _trained = new(-1, "", "");

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-export-").FullName;
        _run = Path.Combine(_folder, "run");
        _trained = CommandRun.Of(TinyRun.Line(_run, "--tensorboard"));
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Training_writes_event_files_and_says_how_to_look_at_them()
    {
        Assert.That(_trained.ExitCode, Is.EqualTo(ExitCode.Success), _trained.Error);
        string events = Path.Combine(_run, "tensorboard");
        Assert.That(_trained.Output, Does.Contain($"event files: tensorboard --logdir {events}"));
        Assert.That(Directory.GetFiles(events), Has.Length.EqualTo(1));
        Assert.That(Directory.GetDirectories(events).Select(Path.GetFileName), Is.EqualTo(new[] { "train" }));
    }

    [Test]
    public void Every_logged_step_has_its_times_and_rates()
    {
        string[] lines = File.ReadAllLines(new RunFolder(_run).Log);
        Assert.That(lines.Count(static line => line.Contains("\"loss\"", StringComparison.Ordinal)), Is.EqualTo(3), "the first, each second, and the last");
        Assert.That(lines, Has.All.Contain("\"elapsed\":").And.All.Contain("\"time\":\"20"));
        Assert.That(lines[0], Does.Contain("\"step\":1,").And.Contain("\"epoch\":").And.Contain("\"learning_rates\":{"));
    }

    [Test]
    public void The_log_is_written_as_a_table_once()
    {
        string table = Path.Combine(_folder, "series.csv");
        CommandRun export = CommandRun.Of("export", _run, "--csv", table);
        Assert.That(export.ExitCode, Is.EqualTo(ExitCode.Success), export.Error);
        string[] lines = File.ReadAllLines(table);
        Assert.That(lines[0], Is.EqualTo(SeriesTable.Header));
        Assert.That(export.Output, Does.Contain($"{lines.Length - 1} numbers"));
        Assert.That(CommandRun.Of("export", _run, "--csv", table).Error, Does.Contain("already something of that name"));
        Assert.That(CommandRun.Of("export", _run, "--csv", table, "--force").ExitCode, Is.EqualTo(ExitCode.Success));
    }

    [Test]
    public void Event_files_are_written_into_a_folder_of_their_own()
    {
        string events = Path.Combine(_folder, "events");
        CommandRun export = CommandRun.Of("export", _run, "--tensorboard", events);
        Assert.That(export.ExitCode, Is.EqualTo(ExitCode.Success), export.Error);
        Assert.That(export.Output, Does.Contain("3 steps and 2 validations"));
        Assert.That(CommandRun.Of("export", _run, "--tensorboard", events).Error, Does.Contain("is not empty"));
        Assert.That(CommandRun.Of("export", _run, "--tensorboard", new RunFolder(_run).Log).Error, Does.Contain("is a file"));
        Assert.That(CommandRun.Of("export", _run, "--tensorboard", events, "--force").ExitCode, Is.EqualTo(ExitCode.Success));
    }

    [TestCase("log.jsonl")]
    [TestCase("config.yaml")]
    [TestCase("checkpoints/final.safetensors")]
    [TestCase("checkpoints/new.pth")]
    public void Files_of_the_run_are_never_replaced(string name)
    {
        string file = Path.Combine(_run, name), log = File.ReadAllText(new RunFolder(_run).Log);
        CommandRun export = CommandRun.Of("export", _run, "--csv", file, "--force");
        Assert.That((export.ExitCode, export.ErrorLines.Length), Is.EqualTo((ExitCode.Failure, 1)));
        Assert.That(export.Error, Does.Contain($"{file}: is where the run keeps its own files"));
        Assert.That(File.ReadAllText(new RunFolder(_run).Log), Is.EqualTo(log));
    }

    [Test]
    [Platform(Include = "Unix")]
    public void A_pipe_is_never_replaced()
    {
        string pipe = Path.Combine(_folder, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            made.WaitForExit();
        }

        CommandRun refused = CommandRun.Of("export", _run, "--csv", pipe, "--force");
        Assert.That((refused.ExitCode, refused.Error.Contains("which is never replaced", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)), refused.Error);
        File.Delete(pipe);
    }

    [TestCase("runs", "")]
    [TestCase("predict", "run", "", "--out", "x")]
    [TestCase("init", "x.yaml", "--data", " ")]
    [TestCase("verify", "")]
    public void An_empty_word_is_an_error(params string[] line)
    {
        CommandRun run = CommandRun.Of(line);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((ExitCode.Usage, 1)));
        Assert.That(run.Error, Does.Contain("is empty; expected a path or a name"));
    }

    [Test]
    public void Nothing_to_write_is_an_error() => Assert.That(CommandRun.Of("export", _run).Error, Does.Contain("export writes nothing unless it is told what"));
}
