using System.Diagnostics;
using System.Text.Json.Nodes;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Processes that are asked to stop, or killed, in the middle of their work, and two that want the same folder.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "Windows has no such signals; standard input and locks work alike there")]
internal sealed class SignalTests
{
    private const string Spec = """
        name: signals
        preset: quick
        seeds: [88, 45]
        reference: hard sharing
        set:
          - train.retrain_total_iters=6
          - train.batch_size=2
          - train.val_freq=3
          - train.print_freq=1
          - train.checkpoint_freq=2
          - model.width=0.125
          - model.head_width=0.01
          - dataload.crop_h=32
          - dataload.crop_w=32
          - dataload.scenes.height=40
          - dataload.scenes.width=32
          - dataload.scenes.train1=4
          - dataload.scenes.train2=2
          - dataload.scenes.val=2
          - dataload.scenes.test=2
        methods:
          - {method: hard_sharing, label: hard sharing}
          - {method: single_task, label: single task}
        """;

    private string _folder = "";
    private string _spec = "";
    private string _whole = "";

    [OneTimeSetUp]
    public void Run()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-signals-").FullName;
        _spec = Path.Combine(_folder, "signals.yaml");
        _whole = Path.Combine(_folder, "whole");
        File.WriteAllText(_spec, Spec);
        CommandRun run = CommandRun.Of("study", _spec, "--out", _whole, "--device", "cpu");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AStudyThatIsKilledInAnyStageEndsAsTheOther()
    {
        string folder = Path.Combine(_folder, "killed");
        string[] line = ["study", _spec, "--out", folder, "--device", "cpu", "--threads", "1"];
        bool Exists(params string[] names) => File.Exists(Path.Combine([folder, .. names]));
        Func<bool>[] moments =
        [
            () => Exists("study-spec.json"), () => Exists("cells", "hard-sharing-s88", "log.jsonl"), () => Exists("cells", "hard-sharing-s88", "metrics.json"), () => Exists("cells", "hard-sharing-s88", "cell.json"),
            () => Directory.Exists(Path.Combine(folder, "cells", "single-task-s45", "checkpoints")), () => Exists("study.json"),
        ];
        foreach (Func<bool> moment in moments)
        {
            using HostProcess process = HostProcess.Start(line);
            if (process.WaitFor(moment) && !process.HasExited)
            {
                process.Send(HostProcess.Signal.Kill);
            }

            process.End();
        }

        CommandRun last = CommandRun.Of(line);
        Assert.That(last.ExitCode, Is.EqualTo(ExitCode.Success), last.Error);
        Assert.That(Untimed(folder), Is.EqualTo(Untimed(_whole)));
        Assert.That(Directory.EnumerateFileSystemEntries(folder, "*.partial", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), Is.Empty, "what killed processes left is gone");
    }

    [TestCase(HostProcess.Signal.Interrupt)]
    [TestCase(HostProcess.Signal.Terminate)]
    [TestCase(HostProcess.Signal.Hangup)]
    public void AStudyOverDevicesStopsWithItsChildrenAndGoesOn(HostProcess.Signal signal)
    {
        HostProcess.RequireHeard(signal);
        string folder = Path.Combine(_folder, $"devices-{signal}");
        string[] line = ["study", _spec, "--out", folder, "--devices", "cpu,cpu", "--threads", "1"];
        using (HostProcess parent = HostProcess.Start(line))
        {
            Assert.That(parent.WaitFor(() => Log(folder, "hard-sharing-s88") && Log(folder, "single-task-s88")), "both children train");
            parent.Send(signal);
            CommandRun stopped = parent.End();
            Assert.That(stopped.ExitCode, Is.EqualTo(ExitCode.Interrupted), stopped.Error);
            Assert.That(stopped.ErrorLines, Has.Some.StartsWith("adashare: stopping after the steps that are under way").And.Some.EqualTo("adashare: stopped"));
        }

        CommandRun again = CommandRun.Of("study", _spec, "--out", folder, "--device", "cpu");
        Assert.That(again.ExitCode, Is.EqualTo(ExitCode.Success), again.Error);
        Assert.That(Untimed(folder), Is.EqualTo(Untimed(_whole)));
    }

    [Test]
    public void ChildrenOfAKilledStudyStopByThemselves()
    {
        string folder = Path.Combine(_folder, "orphans"), slow = Path.Combine(_folder, "slow.yaml");
        File.WriteAllText(slow, Spec.Replace("retrain_total_iters=6", "retrain_total_iters=100000", StringComparison.Ordinal).Replace("val_freq=3", "val_freq=0", StringComparison.Ordinal).Replace("checkpoint_freq=2", "checkpoint_freq=0", StringComparison.Ordinal));
        using (HostProcess parent = HostProcess.Start("study", slow, "--out", folder, "--devices", "cpu,cpu", "--threads", "1"))
        {
            Assert.That(parent.WaitFor(() => Log(folder, "hard-sharing-s88") && Log(folder, "single-task-s88")), "both children train");
            parent.Send(HostProcess.Signal.Kill);
            parent.End();
        }

        // Stopped as by TERM: with a checkpoint, which nothing else would have written yet, and their locks released.
        long start = Stopwatch.GetTimestamp();
        string[] cells = ["hard-sharing-s88", "single-task-s88"];
        while (Directory.EnumerateFiles(folder, "*.owner", SearchOption.AllDirectories).Any(file => !file.Contains("shard-1-of-1.lock", StringComparison.Ordinal)))
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromMinutes(2)), "the children outlive their parent");
            Thread.Sleep(20);
        }

        Assert.That(cells.Select(cell => Path.Combine(folder, "cells", cell, "checkpoints", "latest.safetensors")), Is.All.Exist);
    }

    [Test]
    public void TwoProcessesDoNotRunTheSameCells()
    {
        string folder = Path.Combine(_folder, "twice"), slow = Path.Combine(_folder, "slow-twice.yaml");
        File.WriteAllText(slow, Spec.Replace("retrain_total_iters=6", "retrain_total_iters=100000", StringComparison.Ordinal).Replace("val_freq=3", "val_freq=0", StringComparison.Ordinal));
        using HostProcess first = HostProcess.Start("study", slow, "--out", folder, "--device", "cpu", "--threads", "1", "--shard", "1/2");
        Assert.That(first.WaitFor(() => Log(folder, "hard-sharing-s88")), "the first one trains");
        foreach (string[] shard in new[] { Array.Empty<string>(), ["--shard", "1/2"], ["--shard", "3/4"], ["--devices", "cpu"] })
        {
            CommandRun second = CommandRun.Of(["study", slow, "--out", folder, .. shard.Contains("--devices") ? [] : new[] { "--device", "cpu" }, .. shard]);
            Assert.That(second.ExitCode, Is.EqualTo(ExitCode.Failure), string.Join(' ', shard));
            Assert.That(second.ErrorLines.Single(), Does.Contain($"process {first.Id} on ").And.Contain("already"));
        }

        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.That(CommandRun.Of(stop.Token, "study", slow, "--out", folder, "--device", "cpu", "--shard", "2/2").ExitCode, Is.EqualTo(ExitCode.Interrupted), "the other shard runs beside it");
        first.Send(HostProcess.Signal.Terminate);
        Assert.That(first.End().ExitCode, Is.EqualTo(ExitCode.Interrupted));
    }

    [TestCase(HostProcess.Signal.Interrupt)]
    [TestCase(HostProcess.Signal.Terminate)]
    [TestCase(HostProcess.Signal.Hangup)]
    public void VerifyStopsInASentenceAndLeavesNothing(HostProcess.Signal signal)
    {
        HostProcess.RequireHeard(signal);
        string[] before = Drawn();
        using HostProcess process = HostProcess.Start("verify", "--device", "cpu");
        Assert.That(process.WaitFor(() => Drawn().Length > before.Length), "it draws its images");
        process.Send(signal);
        Stopped(process.End());
        Assert.That(Drawn().Except(before), Is.Empty);
    }

    [TestCase(HostProcess.Signal.Interrupt)]
    [TestCase(HostProcess.Signal.Terminate)]
    [TestCase(HostProcess.Signal.Hangup)]
    public void PredictAndEvaluateStopInASentence(HostProcess.Signal signal)
    {
        HostProcess.RequireHeard(signal);
        string run = Path.Combine(_whole, "cells", "hard-sharing-s88"), images = Path.Combine(_folder, $"images-{signal}"), output = Path.Combine(_folder, $"pictures-{signal}");
        var picture = new Picture(240, 320);
        for (int i = 0; i < 60; i++)
        {
            PictureFile.Write(Path.Combine(images, $"{i:00}.png"), picture);
        }

        using (HostProcess predict = HostProcess.Start("predict", run, images, "--out", output, "--device", "cpu", "--threads", "1"))
        {
            Assert.That(predict.WaitFor(() => Directory.Exists(output) && Directory.GetFiles(output, "0?.png").Length > 0), "it predicts");
            predict.Send(signal);
            Stopped(predict.End());
        }

        // A cut file can't be read; the picture beside the input has its legend below.
        Assert.That(Directory.GetFiles(output, "*_*.png").Select(Data.Codecs.Png.Read).Select(static png => png.Height), Is.All.EqualTo(240), "every picture is whole");
        Assert.That(Directory.GetFiles(output, "??.png").Select(Data.Codecs.Png.Read).Select(static png => png.Height), Is.Not.Empty.And.All.GreaterThan(240), "every picture is whole");
        Assert.That(Directory.EnumerateFiles(output, "*", new EnumerationOptions { AttributesToSkip = 0 }).Where(static file => !file.EndsWith(".png", StringComparison.Ordinal)), Is.Empty);
        string large = Path.Combine(_folder, $"large-{signal}");
        CopyRun(run, large, "test: 2", "test: 100000");
        using HostProcess evaluate = HostProcess.Start("evaluate", large, "--device", "cpu", "--threads", "1", "--accept-config", "--accept-data");
        Assert.That(evaluate.WaitFor(() => evaluate.Says("device:")), "it measures");
        evaluate.Send(signal);
        Stopped(evaluate.End());
    }

    private static void Stopped(CommandRun run)
    {
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Interrupted), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(2));
        Assert.That(run.ErrorLines[0], Does.StartWith("adashare: stopping after this "));
        Assert.That(run.ErrorLines[1], Is.EqualTo("adashare: stopped"));
    }

    private static void CopyRun(string from, string to, string then, string now)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        string config = Path.Combine(to, "config.yaml");
        Assert.That(File.ReadAllText(config), Does.Contain(then));
        File.WriteAllText(config, File.ReadAllText(config).Replace(then, now, StringComparison.Ordinal));
    }

    private static string[] Drawn() => Directory.GetFileSystemEntries(Path.GetTempPath(), "*adashare-verify-*");

    private static bool Log(string folder, string cell)
    {
        string log = Path.Combine(folder, "cells", cell, "log.jsonl");
        return File.Exists(log) && new FileInfo(log).Length > 0;
    }

    /// <summary>study.json without what a clock measured.</summary>
    private static string Untimed(string folder)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "study.json")))!;
        Strip(root);
        return root.ToJsonString();

        static void Strip(JsonNode? node)
        {
            if (node is JsonObject members)
            {
                members.Remove("times");
                members.ToList().ForEach(static member => Strip(member.Value));
            }
            else if (node is JsonArray items)
            {
                items.ToList().ForEach(Strip);
            }
        }
    }
}
