using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Several runs: listed, set side by side, and what one would do before it starts.</summary>
[TestFixture]
internal sealed class RunListTests
{
    private string _folder = "";

    private string Runs => Path.Combine(_folder, "runs");

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-runs-").FullName;
        foreach ((string name, string seed) in new[] { ("one", "1"), ("deep/two", "2") })
        {
            CommandRun run = CommandRun.Of(TinyRun.Line(Path.Combine(Runs, name), "--seed", seed, "--quiet"));
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
            Assert.That(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(':')[0]), Is.EqualTo(new[] { "results", "report" }), "a quiet run says where its files lie");
        }
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Runs_are_listed_with_their_state_and_what_is_none_is_not()
    {
        string stopped = Path.Combine(Runs, "stopped"), broken = Path.Combine(Runs, "broken");
        foreach (string copy in new[] { stopped, broken })
        {
            Directory.CreateDirectory(Path.Combine(copy, "checkpoints"));
            File.Copy(new RunFolder(Path.Combine(Runs, "one")).Config, new RunFolder(copy).Config);
            File.WriteAllText(new RunFolder(copy).Lock, "");
        }

        File.AppendAllText(new RunFolder(broken).Config, "nonsense: 1\n");
        Directory.CreateDirectory(Path.Combine(Runs, "empty"));
        CommandRun list = CommandRun.Of("runs", Runs);
        Assert.That(list.ExitCode, Is.EqualTo(ExitCode.Success), list.Error);
        Assert.That(list.Output, Does.Contain("│ one ").And.Contain("│ deep/two ").And.Contain("finished").And.Contain("stopped").And.Contain("unknown key").And.Not.Contain("empty"));

        using (FileLock.TryTake(new RunFolder(stopped).Lock, out _))
        {
            Assert.That(CommandRun.Of("runs", Runs).Output, Does.Contain($"({Environment.ProcessId} on"));
        }

        Assert.That(CommandRun.Of("runs", Path.Combine(Runs, "one")).Output, Does.Contain("│ . "), "a folder may be a run itself");
        Directory.Delete(stopped, recursive: true);
        Directory.Delete(broken, recursive: true);
    }

    [Test]
    public void A_folder_without_runs_says_so_and_one_that_is_missing_is_an_error()
    {
        Assert.That(CommandRun.Of("runs", Directory.CreateDirectory(Path.Combine(_folder, "nothing")).FullName).Output, Does.Contain("there are no runs in it"));
        CommandRun missing = CommandRun.Of("runs", Path.Combine(_folder, "missing"));
        Assert.That((missing.ExitCode, missing.Error.Contains("there is no such folder", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)));
    }

    [Test]
    public void Runs_stand_side_by_side_in_the_console_and_in_a_page()
    {
        string page = Path.Combine(_folder, "compare.html"), one = Path.Combine(Runs, "one"), two = Path.Combine(Runs, "deep", "two");
        CommandRun compare = CommandRun.Of("compare", one, two, "--html", page);
        Assert.That(compare.ExitCode, Is.EqualTo(ExitCode.Success), compare.Error);
        Assert.That(compare.Output, Does.Contain("trivial").And.Contain("one").And.Contain("two").And.Contain("steps in all").And.Contain("mean IoU"));
        Assert.That(File.ReadAllText(page), Does.Contain("2 runs"));
        Assert.That(compare.Output, Does.Not.Contain("different data"));
        Assert.That(CommandRun.Of("compare", one, one).Error, Does.Contain("given twice"));
    }

    [Test]
    public void Other_test_data_of_the_same_name_and_size_are_noticed()
    {
        string other = Path.Combine(_folder, "other");
        CommandRun run = CommandRun.Of(TinyRun.Line(other, "--quiet", "--set", "dataload.scenes.seed=5"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(CommandRun.Of("compare", Path.Combine(Runs, "one"), other).Output, Does.Contain("the runs were tested on different data").And.Contain("with content"));
    }

    [Test]
    public void A_dry_run_says_what_would_be_done_and_leaves_nothing()
    {
        string folder = Path.Combine(_folder, "dry");
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "adashare-dry-run-*");
        CommandRun run = CommandRun.Of(TinyRun.Line(folder, "--dry-run", "--set", "train.retrain_total_iters=20"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(run.Output, Does.Contain("would train: ").And.Contain($"run folder: {folder}").And.Contain("20 steps in all phases, 2 images each: 40 images").And.Contain("tried: 5 steps").And.Contain("estimate: 0:0"));
        Assert.That(Directory.Exists(folder), Is.False);
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "adashare-dry-run-*"), Is.EquivalentTo(before));
    }

    [Test]
    public void A_shell_completes_what_the_program_knows()
    {
        CommandRun script = CommandRun.Of("completion", "bash");
        Assert.That(script.ExitCode, Is.EqualTo(ExitCode.Success), script.Error);
        Assert.That(script.Output, Does.Contain("complete -o default -F _adashare adashare"));
        Assert.That(CommandRun.Of("[suggest:20]", "adashare train --pre").Output.Trim(), Is.EqualTo("--preset"));
        Assert.That(CommandRun.Of("[suggest:24]", "adashare train --preset q").Output.Trim(), Is.EqualTo("quick"));
        Assert.That(CommandRun.Of("completion", "tcsh").ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public void A_preset_becomes_a_file_of_ones_own()
    {
        foreach (string preset in PresetCatalog.Names.Where(static name => name is not (PresetCatalog.OwnData or "text"))) // whose tasks a folder says
        {
            string file = Path.Combine(_folder, preset + ".yaml");
            bool needsData = !PresetCatalog.Text(preset).Contains("dataset: Scenes", StringComparison.Ordinal);
            CommandRun init = CommandRun.Of(["init", file, "--preset", preset, .. needsData ? new[] { "--data", Path.Combine(_folder, "my: data") } : []]);
            Assert.That(init.ExitCode, Is.EqualTo(ExitCode.Success), init.Error);
            Assert.That(File.ReadAllText(file), Does.Contain("#"), "comments stay");
            LoadedConfig written = ConfigLoader.LoadNetwork(new ConfigRequest(file, null, [])), original = ConfigLoader.LoadNetwork(new ConfigRequest(null, preset, []));
            Assert.That(ConfigSection.Differences(written.Config, original.Config), Is.EqualTo(needsData ? new[] { "dataload.dataroot" } : []));
        }

        Assert.That(CommandRun.Of("init", Path.Combine(_folder, "quick.yaml")).Error, Does.Contain("already something of that name"));
        Assert.That(CommandRun.Of("init", Path.Combine(_folder, "other.yaml"), "--data", "x").Error, Does.Contain("procedural scenes, which need no data"));
    }
}
