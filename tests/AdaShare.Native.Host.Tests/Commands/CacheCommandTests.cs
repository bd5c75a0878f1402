using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary><c>--cache</c> of the commands: the same results to the bit, one sentence where it can't be used, nothing that is half done.</summary>
[TestFixture]
internal sealed class CacheCommandTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=5", "train.warm_up_iters=2", "train.retrain_total_iters=2", "train.weight_iter_alternate=2", "train.alpha_iter_alternate=1", "train.batch_size=2", "train.print_freq=1", "train.val_freq=2",
        "train.checkpoint_freq=1", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.scenes.height=32", "dataload.scenes.width=40", "dataload.scenes.train1=4",
        "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=2",
    ];

    private string _folder = "";

    private string Cache => Path.Combine(_folder, "scenes.cache");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("adashare-cached-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_run_is_the_same_to_the_bit_with_a_cache_and_for_any_number_of_workers()
    {
        CommandRun plain = Train("plain");
        CommandRun writes = Train("writes", "--cache", Cache);
        CommandRun reads = Train("reads", "--cache", Cache, "--set", "dataload.workers=3");
        Assert.That(new[] { plain, writes, reads }.Select(static run => run.Error), Is.All.Empty);
        Assert.That(writes.Output, Does.Contain($"cache {Cache}: decoding 10 examples, about ").And.Match("10 examples, [0-9.]+ kB, in "));
        Assert.That(reads.Output, Does.Not.Contain("decoding").And.Contain($"cache {Cache}: 10 examples, "));
        Assert.That(plain.Output, Does.Not.Contain("cache /"));
        foreach (string run in new[] { "writes", "reads" })
        {
            Assert.That(Weights(run), Is.EqualTo(Weights("plain")));
            Assert.That(File.ReadAllText(new RunFolder(Path.Combine(_folder, run)).Data), Is.EqualTo(File.ReadAllText(new RunFolder(Path.Combine(_folder, "plain")).Data)), "the same data, by their manifest");
        }

        string folder = Path.Combine(_folder, "reads");
        string[] Table(CommandRun run) => [.. run.Output.Split('\n').Where(static line => !line.StartsWith("cache ", StringComparison.Ordinal))];
        Assert.That(Table(CommandRun.Of("evaluate", folder, "--device", "cpu", "--cache", Cache)), Is.EqualTo(Table(CommandRun.Of("evaluate", folder, "--device", "cpu"))));
        File.Delete(Cache);
        Assert.That(CommandRun.Of("evaluate", folder, "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Success), "a cache of the run that is gone is not missed");
        Assert.That(Cache, Does.Not.Exist);
    }

    [Test]
    public void A_cache_of_other_data_is_refused_before_the_run_begins_and_rebuilt_on_request()
    {
        Assert.That(Train("first", "--cache", Cache).ExitCode, Is.EqualTo(ExitCode.Success));
        CommandRun other = Train("other", "--cache", Cache, "--set", "dataload.scenes.seed=2");
        Assert.That(other.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(other.ErrorLines[0], Does.StartWith($"adashare: {Cache}: is a cache of other data (examples then: scenes of seed 1, ").And.EndWith("; --cache-rebuild makes it anew, or name another file in --cache or dataload.cache"));
        Assert.That((other.ExitCode, Directory.Exists(Path.Combine(_folder, "other"))), Is.EqualTo((ExitCode.Failure, false)));
        CommandRun rebuilt = Train("rebuilt", "--cache", Cache, "--cache-rebuild", "--set", "dataload.scenes.seed=2");
        Assert.That((rebuilt.ExitCode, rebuilt.Error), Is.EqualTo((ExitCode.Success, "")));
        CommandRun resumed = CommandRun.Of("train", "--resume", Path.Combine(_folder, "rebuilt"), "--device", "cpu", "--cache", Path.Combine(_folder, "moved.cache"));
        Assert.That((resumed.ExitCode, resumed.Error), Is.EqualTo((ExitCode.Success, "")), "where the cache lies may change");
        Assert.That(Path.Combine(_folder, "moved.cache"), Does.Exist);
    }

    [TestCase("train --cache-rebuild", "adashare: --cache-rebuild: no cache is named; give its file with --cache, or leave --cache-rebuild out")]
    [TestCase("train --set dataload.cache=''", "adashare: preset quick with --set dataload.cache='': dataload.cache is an empty text; expected the path of a file, or no value for none")]
    public void A_cache_without_a_file_is_an_error_of_the_command_line(string line, string message)
    {
        CommandRun run = CommandRun.Of([.. line.Split(' '), "--out", Path.Combine(_folder, "run")]);
        Assert.That((run.ExitCode, run.Error.TrimEnd()), Is.EqualTo((ExitCode.Usage, message)));
    }

    [Test]
    public void Another_file_is_left_alone([Values("--cache", "--cache-rebuild")] string option)
    {
        File.WriteAllText(Cache, "my notes");
        CommandRun run = Train("run", ["--cache", Cache, .. option == "--cache" ? Array.Empty<string>() : [option]]);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.StartsWith($"adashare: {Cache}: is no cache of a data set, and "));
        Assert.That(File.ReadAllText(Cache), Is.EqualTo("my notes"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(Cache)!, ".*.lock"), Is.Empty, "nothing is left beside it");
    }

    [Test]
    public void The_cells_of_a_study_share_a_cache()
    {
        string spec = Path.Combine(_folder, "study.yaml");
        File.WriteAllText(spec, $"name: cached\npreset: quick\nseeds: [88]\nreference: hard sharing\nset:\n{string.Concat(Tiny.Select(static key => $"  - {key}\n"))}methods:\n  - {{method: hard_sharing, label: hard sharing}}\n  - {{method: single_task, label: single task}}\n");
        CommandRun plain = CommandRun.Of("study", spec, "--out", Path.Combine(_folder, "plain"), "--device", "cpu");
        CommandRun cached = CommandRun.Of("study", spec, "--out", Path.Combine(_folder, "cached"), "--device", "cpu", "--cache", Cache);
        Assert.That((plain.Error, cached.Error), Is.EqualTo(("", "")));
        Assert.That(cached.Output.Split('\n').Count(line => line.Contains("decoding", StringComparison.Ordinal)), Is.EqualTo(1));
        foreach (string cell in new[] { "hard-sharing-s88", "single-task-s88" })
        {
            Assert.That(Weights(Path.Combine("cached", "cells", cell)), Is.EqualTo(Weights(Path.Combine("plain", "cells", cell))));
        }
    }

    /// <summary>A process that is killed while it writes leaves no file of the cache's name; the next one writes it whole.</summary>
    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no such signals")]
    public void A_kill_while_the_cache_is_written_leaves_nothing_that_is_taken_for_whole([Values(HostProcess.Signal.Kill, HostProcess.Signal.Terminate)] HostProcess.Signal signal)
    {
        string[] slow = ["bench", "data", "--cache", Cache, "--set", "dataload.scenes.train1=4000", "--crop", "32", "--batch", "2", "--workers", "1"];
        using (HostProcess process = HostProcess.Start(slow))
        {
            Assert.That(process.WaitFor(() => Directory.EnumerateFiles(_folder, ".scenes.cache.*.partial").Any(static file => new FileInfo(file).Length > 100_000)), "it writes");
            process.Send(signal);
            CommandRun ended = process.End();
            Assert.That(signal == HostProcess.Signal.Kill || ended.ExitCode == ExitCode.Interrupted, ended.Error);
        }

        Assert.That(Cache, Does.Not.Exist);
        CommandRun next = Train("next", "--cache", Cache);
        Assert.That((next.ExitCode, next.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(Directory.EnumerateFiles(_folder, "*.partial", new EnumerationOptions { AttributesToSkip = 0 }), Is.Empty);
    }

    private CommandRun Train(string name, params string[] options) => CommandRun.Of(["train", "--device", "cpu", "--out", Path.Combine(_folder, name), .. options, .. Tiny.SelectMany(static key => new[] { "--set", key })]);

    /// <summary>Every tensor of a run's last checkpoint, by name and bits.</summary>
    private SortedDictionary<string, string> Weights(string run)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(new RunFolder(Path.Combine(_folder, run)).Latest);
        return new(file.ReadEntries().ToDictionary(static entry => entry.Name, static entry =>
        {
            var bytes = new byte[entry.ByteLength];
            entry.Fill(bytes);
            return Convert.ToHexString(bytes);
        }));
    }
}
