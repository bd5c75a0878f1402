using AdaShare.Native.Learning.Training;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>train --extend, and train --init with the folder of a run.</summary>
[TestFixture]
internal sealed class ExtendCommandTests
{
    private string _folder = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-extend-").FullName;
        _run = Path.Combine(_folder, "run");
        CommandRun run = CommandRun.Of(TinyRun.Line(_run));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_finished_run_goes_on_and_its_files_agree_afterwards()
    {
        var run = new RunFolder(Copy("finished"));
        var before = Content(run.Path);
        CommandRun dry = CommandRun.Of("train", "--device", "cpu", "--resume", run.Path, "--extend", "4", "--dry-run");
        Assert.That(dry.ExitCode, Is.EqualTo(ExitCode.Success), dry.Error);
        Assert.That(dry.Output, Does.Contain("would go on with").And.Contain("extended: the final training has 7 steps instead of 3"));
        Assert.That(Content(run.Path), Is.EqualTo(before), "a dry run changes nothing");

        CommandRun extended = CommandRun.Of("train", "--device", "cpu", "--resume", run.Path, "--extend", "4");
        Assert.That(extended.ExitCode, Is.EqualTo(ExitCode.Success), extended.Error);
        Assert.That(extended.Output, Does.Contain("goes on after step 3 of 7").And.Contain("its final training had 3 steps at first, and 7 in the end"));
        Assert.That(File.ReadAllText(run.Config), Does.Contain("retrain_total_iters: 7"));
        Assert.That(MetricsFile.Read(run.Metrics), Has.Property("FinalSteps").EqualTo(7));
        Assert.That(MetricsFile.Read(run.MetricsAfter(3)), Has.Property("FinalSteps").EqualTo(3));
        Assert.That(run.Keeps(run.MetricsAfter(3)));
        foreach (string[] line in (string[][])[["evaluate", run.Path, "--device", "cpu"], ["train", "--resume", run.Path, "--device", "cpu"], ["report", run.Path]])
        {
            CommandRun after = CommandRun.Of(line);
            Assert.That(after.ExitCode, Is.EqualTo(ExitCode.Success), after.Error);
        }

        Assert.That(File.ReadAllText(Path.Combine(run.Path, "report.html")), Does.Contain("The run was extended"));
        Assert.That(CommandRun.Of("compare", run.Path, _run).Output, Does.Contain("extended after steps").And.Contain("The run was extended"));
        CommandRun overwrite = CommandRun.Of("train", "--device", "cpu", "--resume", run.Path, "--extend", $"{int.MaxValue}");
        Assert.That((overwrite.ExitCode, overwrite.ErrorLines.Single()), Is.EqualTo((ExitCode.Usage, $"adashare: --extend is {int.MaxValue}; expected at most {int.MaxValue - 7}, since the final training has 7 steps already")));
    }

    [Test]
    public void A_process_killed_between_the_last_checkpoint_and_config_yaml_leaves_a_run_that_goes_on()
    {
        var run = new RunFolder(Copy("killed"));
        string before = File.ReadAllText(run.Config);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        CommandRun stopped = CommandRun.Of(stop.Token, "train", "--device", "cpu", "--resume", run.Path, "--extend", "4");
        Assert.That(stopped.ExitCode, Is.EqualTo(ExitCode.Interrupted), stopped.Error);

        // As it lies on the disk when the process ends behind the checkpoint: config.yaml and the results are those of before.
        File.WriteAllText(run.Config, before);
        File.Move(run.MetricsAfter(3), run.Metrics);
        CommandRun looked = CommandRun.Of("evaluate", run.Path, "--device", "cpu");
        Assert.That(looked.ExitCode, Is.EqualTo(ExitCode.Success), looked.Error);
        CommandRun resumed = CommandRun.Of("train", "--device", "cpu", "--resume", run.Path);
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Success), resumed.Error);
        Assert.That(resumed.Output, Does.Contain("is of before the run was extended, and is written again").And.Contain("goes on after step 3 of 7"));
        Assert.That(File.ReadAllText(run.Config), Is.EqualTo(before.Replace("retrain_total_iters: 3", "retrain_total_iters: 7", StringComparison.Ordinal)));
        Assert.That(MetricsFile.Read(run.Metrics).FinalSteps, Is.EqualTo(7));

        File.WriteAllText(run.Config, before);
        Assert.That(CommandRun.Of("train", "--device", "cpu", "--resume", run.Path).ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(File.ReadAllText(run.Config), Does.Contain("retrain_total_iters: 7"), "also of a finished run");

        File.WriteAllText(run.Config, before.Replace("retrain_total_iters: 3", "retrain_total_iters: 5", StringComparison.Ordinal));
        CommandRun changed = CommandRun.Of("train", "--device", "cpu", "--resume", run.Path);
        Assert.That((changed.ExitCode, changed.Error.Contains("was changed after the run was started (train.retrain_total_iters)", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Usage, true)), changed.Error);
    }

    [Test]
    public void A_cell_of_a_study_is_refused()
    {
        string study = Path.Combine(_folder, "study"), cell = Copy(Path.Combine("study", "cells", "a-s1"));
        File.WriteAllText(Path.Combine(study, StudyFolder.SpecFileName), "{}");
        CommandRun run = CommandRun.Of("train", "--device", "cpu", "--resume", cell, "--extend", "4");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.StartWith($"adashare: {cell}: is a cell of the study {study}").And.Contain("start a run of its own"));
    }

    [Test]
    public void A_run_starts_from_another_ones_network_and_says_so_everywhere()
    {
        string folder = Path.Combine(_folder, "from-run"), again = Path.Combine(_folder, "from-that");
        CommandRun run = CommandRun.Of(TinyRun.Line(folder, "--init", _run));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        string origin = $"started from {_run} (hard_sharing: hard sharing; 3 steps before this run's own)";
        Assert.That(run.Output, Does.Contain($"init: {origin}: loaded ").And.Contain("heads of seg, sn, depth").And.Contain("heads from the seed: none"));
        Assert.That(run.Output.ReplaceLineEndings(" "), Does.Contain("3 steps before this run's own"));
        Assert.That(File.ReadAllText(new RunFolder(folder).Config), Does.Contain($"init: {_run}"));
        Assert.That(MetricsFile.Read(new RunFolder(folder).Metrics).Init, Has.Property("Run").EqualTo(_run).And.Property("Steps").EqualTo(3));
        Assert.That(File.ReadAllText(Path.Combine(folder, "report.html")), Does.Contain("3 steps before this run"));
        Assert.That(CommandRun.Of("compare", folder, _run).Output, Does.Contain("steps before, of the run it started from").And.Contain("started from"));

        // Steps add up along a chain.
        CommandRun chain = CommandRun.Of(TinyRun.Line(again, "--init", folder, "--set", "tasks=[seg]", "--set", "tasks_num_class=[13]", "--set", "lambdas=[1]"));
        Assert.That(chain.ExitCode, Is.EqualTo(ExitCode.Success), chain.Error);
        Assert.That(chain.Output, Does.Contain("; 6 steps before this run's own)"));
    }

    [Test]
    public void A_folder_that_is_no_run_is_one_sentence_and_nothing_is_written()
    {
        string none = Path.Combine(_folder, "none"), folder = Path.Combine(_folder, "refused");
        Directory.CreateDirectory(none);
        CommandRun run = CommandRun.Of(TinyRun.Line(folder, "--init", none));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { $"adashare: init is the folder {none}: there is no config.yaml in it; give the folder that adashare train wrote, for example runs/quick" }));
        Assert.That(File.Exists(new RunFolder(folder).Config), Is.False);
        CommandRun wide = CommandRun.Of(TinyRun.Line(folder, "--init", _run, "--set", "model.width=0.25"));
        Assert.That(wide.ErrorLines.Single(), Does.Contain("backbone.conv1.weight is [8, 3, 7, 7]").And.Contain("model.width"));
    }

    private string Copy(string name)
    {
        string to = Path.Combine(_folder, name);
        foreach (string file in Directory.GetFiles(_run, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(_run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return to;
    }

    private static Dictionary<string, byte[]> Content(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(static file => file, File.ReadAllBytes);
}
