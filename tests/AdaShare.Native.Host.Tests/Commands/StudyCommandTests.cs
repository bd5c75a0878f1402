using System.Text.Json;
using System.Text.Json.Nodes;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Tiny studies on procedural scenes, from the command line to the tables.</summary>
[TestFixture]
internal sealed class StudyCommandTests
{
    private const string Spec = """
        name: tiny
        preset: quick
        seeds: [88, 45]
        reference: hard sharing
        set:
          - train.total_iters=6
          - adashare.warm_up_iters=2
          - train.retrain_total_iters=3
          - train.decay_lr_freq=1
          - adashare.weight_iter_alternate=2
          - adashare.alpha_iter_alternate=1
          - adashare.compare_hard_sharing=True
          - train.batch_size=2
          - train.val_freq=2
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
          - {method: hard_sharing, label: "hard sharing, total", match: total}
          - {method: adashare, label: AdaShare}
        """;

    private string _folder = "";
    private string _study = "";
    private CommandRun _whole = new(-1, "", "");

    [OneTimeSetUp]
    public void Run()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-study-").FullName;
        File.WriteAllText(Path.Combine(_folder, "tiny.yaml"), Spec);
        _study = Path.Combine(_folder, "study");
        _whole = CommandRun.Of("study", Path.Combine(_folder, "tiny.yaml"), "--out", _study, "--device", "cpu");
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void StudyRunsEveryCellAndWritesItsTables()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_whole.ExitCode, Is.EqualTo(ExitCode.Success), _whole.Error);
            Assert.That(_whole.Output, Does.Contain("study tiny: 6 cells").And.Contain("[5/6"));
            Assert.That(File.ReadAllText(Path.Combine(_study, "study.md")), Does.Contain("seed 88, seed 45").And.Contain("Delta_T"));
            Assert.That(File.ReadLines(Path.Combine(_study, "study.csv")).Count(), Is.GreaterThan(100));
        }
    }

    [Test]
    public void MatchedTotalGetsTheSearchStepsAndItsLearningRateFallsAtTheSameFractions()
    {
        string config = File.ReadAllText(Path.Combine(_study, "cells", "hard-sharing-total-s88", "config.yaml"));
        var reader = new ConfigReader();
        reader.ReadText(config, "the cell");
        Assert.That(reader.Config.Train.RetrainTotalIters, Is.EqualTo(9));
        Assert.That(reader.Config.Train.DecayLrFreq, Is.EqualTo(3));
        Assert.That(File.ReadAllText(Path.Combine(_study, "study.md")), Does.Contain("All, and AdaShare, had 9 total steps."));
    }

    [Test]
    public void NetworksToCompareWithAreNotWhatAMethodSpends()
    {
        JsonNode cell = JsonNode.Parse(File.ReadAllText(Path.Combine(_study, "cells", "adashare-s88", "cell.json")))!;
        string[] phases = [.. cell["budget"]!["phases"]!.AsArray().Select(static phase => (string)phase!["phase"]!)];
        Assert.That(phases, Is.EqualTo(new[] { "warm_up", "search", "retrain" }));
        JsonNode metrics = JsonNode.Parse(File.ReadAllText(Path.Combine(_study, "cells", "adashare-s88", "metrics.json")))!;
        Assert.That(metrics["budget"]!["hard_sharing"], Is.Not.Null, "the run itself trained the network and says what that took");
    }

    [Test]
    public void DeltaIsOverThePapersTwelveMetrics()
    {
        JsonNode study = JsonNode.Parse(File.ReadAllText(Path.Combine(_study, "study.json")))!;
        string[] counted = [.. study["data"]!["metrics"]!.AsArray().Where(static metric => (bool)metric!["counts"]!).Select(static metric => (string)metric!["name"]!)];
        Assert.That(counted, Is.EqualTo(new[]
        {
            "miou", "pixel_accuracy", "angle_mean", "angle_median", "within_11_25", "within_22_5", "within_30", "abs_error", "rel_error", "within_1_25", "within_1_25_2", "within_1_25_3",
        }));
    }

    [Test]
    public void StudyInShardsIsTheWholeStudy()
    {
        string shards = Path.Combine(_folder, "shards"), spec = Path.Combine(_folder, "tiny.yaml");
        CommandRun first = CommandRun.Of("study", spec, "--out", shards, "--device", "cpu", "--shard", "1/2");
        CommandRun half = CommandRun.Of("study", shards);
        CommandRun second = CommandRun.Of("study", spec, "--out", shards, "--device", "cpu", "--shard", "2/2");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Success), first.Error);
            Assert.That(first.Output, Does.Contain("3 of 6 cells are missing"));
            Assert.That(half.ExitCode, Is.EqualTo(ExitCode.Failure));
            Assert.That(half.Error, Does.Contain("3 of 6 cells are missing"));
            Assert.That(second.ExitCode, Is.EqualTo(ExitCode.Success), second.Error);
            Assert.That(Values(shards), Is.EqualTo(Values(_study)));
        }
    }

    [Test]
    public void StudyThatIsStoppedGoesOn()
    {
        string folder = Path.Combine(_folder, "stopped"), spec = Path.Combine(_folder, "tiny.yaml");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        CommandRun stopped = CommandRun.Of(stop.Token, "study", spec, "--out", folder, "--device", "cpu");
        CommandRun again = CommandRun.Of("study", folder, "--resume", "--device", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stopped.ExitCode, Is.EqualTo(ExitCode.Interrupted));
            Assert.That(again.ExitCode, Is.EqualTo(ExitCode.Success), again.Error);
            Assert.That(Values(folder), Is.EqualTo(Values(_study)));
        }
    }

    [Test]
    public void CellOfAnotherConfigurationIsRefused()
    {
        string folder = Path.Combine(_folder, "changed"), cell = Path.Combine(folder, "cells", "hard-sharing-s88");
        CopyFolder(_study, folder);
        string config = Path.Combine(cell, "config.yaml");
        File.WriteAllText(config, File.ReadAllText(config).Replace("batch_size: 2", "batch_size: 4", StringComparison.Ordinal));
        CommandRun run = CommandRun.Of("study", folder);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain("hard-sharing-s88").And.Contain("batch_size"));
    }

    [Test]
    public void CellOfOtherDataIsRefused()
    {
        string folder = Path.Combine(_folder, "other-data");
        CopyFolder(_study, folder);
        foreach (string file in Directory.EnumerateFiles(folder, "data.json", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        Assert.That(CommandRun.Of("study", folder).ExitCode, Is.EqualTo(ExitCode.Success), "the checkpoints know the data");
        File.Delete(Path.Combine(folder, "cells", "hard-sharing-s88", "checkpoints", "latest.safetensors"));
        CommandRun run = CommandRun.Of("study", folder);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(run.ErrorLines.Single(), Does.Contain("hard-sharing-s88").And.Contain("nobody can tell").And.Contain("delete "));
    }

    [Test]
    public void CellWithoutItsConfigurationIsStillItsCell()
    {
        string folder = Path.Combine(_folder, "no-config");
        CopyFolder(_study, folder);
        File.Delete(Path.Combine(folder, "cells", "hard-sharing-s88", "config.yaml"));
        CommandRun run = CommandRun.Of("study", folder);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [Test]
    public void StudyNeedsAFolderAndAKeyWithNothingBehindItIsAnEmptyList()
    {
        string spec = Path.Combine(_folder, "nothing.yaml");
        File.WriteAllText(spec, "name: nothing\nseeds: [1]\nset:\nreference: hard_sharing\nmethods: [{method: hard_sharing, set: }]\n");
        CommandRun run = CommandRun.Of("study", spec, "--out", spec, "--device", "cpu");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Is.EqualTo($"adashare: --out {spec}: is a file; a study needs a folder, which is made where it is missing"));
        File.WriteAllText(spec, "name: nothing\nseeds: [1]\nset: {a: 1}\nreference: hard_sharing\nmethods: [{method: hard_sharing}]\n");
        Assert.That(CommandRun.Of("study", spec, "--out", _folder).ErrorLines.Single(), Does.Contain("set is a section; expected a list of settings such as [train.batch_size=4]"));
    }

    private static string[] Values(string folder) => [.. File.ReadLines(Path.Combine(folder, "study.csv")).Where(static line => !IsTime(line))];

    private static bool IsTime(string line) => line.Contains(",s,", StringComparison.Ordinal) || line.Contains(",ms,", StringComparison.Ordinal);

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
