using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Weights from elsewhere and for elsewhere: a run that starts from a file, its network for PyTorch, and that network measured as a published one.</summary>
[TestFixture]
internal sealed class WeightsTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=4", "train.warm_up_iters=2", "train.retrain_total_iters=2", "train.weight_iter_alternate=1", "train.alpha_iter_alternate=1", "train.batch_size=2", "retrain.policies=1",
        "train.print_freq=1", "train.val_freq=2", "train.checkpoint_freq=1", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.scenes.height=32",
        "dataload.scenes.width=32", "dataload.scenes.train1=4", "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=2",
    ];

    // What the published code saves, of the state dict that it is given: a snapshot in the older form, and a pickle of the policy.
    private const string Publish = """
        import collections, json, pickle, sys, torch
        state = torch.load(sys.argv[1])
        assert type(state) is collections.OrderedDict and all(type(v) is torch.Tensor for v in state.values()), type(state)
        assert state['backbone.conv1.weight'].shape == (8, 3, 7, 7) and state['backbone.bn1.num_batches_tracked'].dtype == torch.int64
        bn = torch.nn.BatchNorm2d(8)
        bn.load_state_dict({k[len('backbone.bn1.'):]: v for k, v in state.items() if k.startswith('backbone.bn1.')})
        optimizer = torch.optim.Adam(bn.parameters())
        snapshot = {'mtl-net': state, 'weights': optimizer.state_dict(), 'alphas': optimizer.state_dict(), 'iter': 2, 'temp': 4.5}
        torch.save(snapshot, sys.argv[3] + '/retrain000_policyIterbest_best_model.pth.tar', _use_new_zipfile_serialization=False)
        file = json.load(open(sys.argv[2]))
        policy = {'task%d_policy' % (t + 1): torch.tensor([[int(r), 1 - int(r)] for r in runs]) for t, runs in enumerate(file['sampled'][file['selected']])}
        pickle.dump(policy, open(sys.argv[3] + '/policyIterbest_rs0088.pickle', 'wb'), protocol=pickle.HIGHEST_PROTOCOL)
        print(len(state), '%.6f' % float(state['backbone.conv1.weight'].double().sum()))
        """;

    private string _folder = "";
    private string _run = "";
    private string _file = "";
    private CommandRun _trained = new(-1, "", "");

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-weights-").FullName;
        (_run, _file) = (Path.Combine(_folder, "run"), Path.Combine(_folder, "resnet18.pth"));
        PyTorchWriter.Write(_file, TorchvisionFile.Eighth("module.").Entries(), overwrite: false);
        _trained = CommandRun.Of(["train", "--device", "cpu", "--out", _run, "--init", _file, .. Tiny.SelectMany(static key => (string[])["--set", key])]);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_start_is_reported_in_a_line_and_recorded()
    {
        Assert.That(_trained.ExitCode, Is.EqualTo(ExitCode.Success), _trained.Error);
        string line = _trained.Output.Split('\n').Single(static line => line.Contains("init: loaded", StringComparison.Ordinal));
        Assert.That(line, Does.Contain($"loaded 100 tensors from {_file} (PyTorch) into the backbone, turned from RGB / 255 to our images; left: fc.*; missing: none"));
        Assert.That(MetricsFile.Read(new RunFolder(_run).Metrics).Init!.Loaded, Is.EqualTo(100));
        Assert.That(File.ReadAllText(new RunFolder(_run).Config), Does.Contain($"init: {_file}"));
    }

    [Test]
    public void Without_a_file_that_fits_nothing_begins()
    {
        string other = Path.Combine(_folder, "other");
        CommandRun missing = CommandRun.Of(["train", "--device", "cpu", "--out", other, "--init", _file + ".none", .. Tiny.SelectMany(static key => (string[])["--set", key])]);
        Assert.That((missing.ExitCode, missing.ErrorLines.Length), Is.EqualTo((ExitCode.Failure, 1)));
        Assert.That(missing.Error, Does.Contain(_file + ".none: could not be read"));
        CommandRun wide = CommandRun.Of(["train", "--device", "cpu", "--out", other, "--init", _file, .. Tiny.SelectMany(static key => (string[])["--set", key]), "--set", "model.width=0.25"]);
        Assert.That(wide.Error, Does.Contain("[8, 3, 7, 7], and backbone.conv1.weight of the network [16, 3, 7, 7]"));
        CommandRun unknown = CommandRun.Of("train", "--device", "cpu", "--out", other, "--init", _file, "--set", "init_input=rgb");
        Assert.That((unknown.ExitCode, unknown.Error.Contains("init_input is rgb", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Usage, true)));
        Assert.That(CommandRun.Of("train", "--resume", _run, "--init", _file).Error, Does.Contain("leave --init out"));
        Assert.That(Directory.Exists(other) && Directory.EnumerateFiles(other, "*.yaml").Any(), Is.False);
    }

    [Test]
    public void What_is_exported_is_measured_as_the_run_itself()
    {
        string exported = Path.Combine(_folder, "exported.pth");
        CommandRun export = CommandRun.Of("export", _run, "--pytorch", exported);
        Assert.That(export.ExitCode, Is.EqualTo(ExitCode.Success), export.Error);
        Assert.That(CommandRun.Of("export", _run, "--pytorch", exported).Error, Does.Contain("already"));
        Assert.That(CommandRun.Of("export", _run, "--pytorch", exported, "--force").ExitCode, Is.EqualTo(ExitCode.Success));
        CommandRun own = CommandRun.Of("evaluate", _run, "--device", "cpu");
        CommandRun foreign = CommandRun.Of("evaluate", "--device", "cpu", "--checkpoint", exported, "--policy", new RunFolder(_run).Policy, "--config", new RunFolder(_run).Config);
        Assert.That(foreign.ExitCode, Is.EqualTo(ExitCode.Success), foreign.Error);
        Assert.That(LastColumn(foreign), Is.EqualTo(LastColumn(own)).And.Not.Empty);
    }

    [Test]
    public void A_published_snapshot_and_its_policy_are_measured_and_predict()
    {
        DebianPython.RequireTorch();
        string exported = Path.Combine(_folder, "published.pth"), image = Path.Combine(_folder, "image.png"), ours = Path.Combine(_folder, "ours"), theirs = Path.Combine(_folder, "theirs");
        Assert.That(CommandRun.Of("export", _run, "--pytorch", exported).ExitCode, Is.EqualTo(ExitCode.Success));
        string printed = DebianPython.Run(Publish, _folder, exported, new RunFolder(_run).Policy, _folder);
        using (var file = PyTorchFile.Open(exported))
        {
            Assert.That(printed.Trim(), Is.EqualTo($"{file.Tensors.Count} {file.Tensors.Single(static t => t.Name == "backbone.conv1.weight").Read().Sum():0.000000}"), "PyTorch reads what we wrote");
        }

        string snapshot = Path.Combine(_folder, "retrain000_policyIterbest_best_model.pth.tar"), policy = Path.Combine(_folder, "policyIterbest_rs0088.pickle"), config = new RunFolder(_run).Config;
        CommandRun foreign = CommandRun.Of("evaluate", "--device", "cpu", "--checkpoint", snapshot, "--policy", policy, "--config", config);
        Assert.That(foreign.ExitCode, Is.EqualTo(ExitCode.Success), foreign.Error);
        Assert.That(LastColumn(foreign), Is.EqualTo(LastColumn(CommandRun.Of("evaluate", _run, "--device", "cpu"))));

        PictureFile.Write(image, new Picture(24, 20));
        Assert.That(CommandRun.Of("predict", _run, image, "--device", "cpu", "--out", ours).ExitCode, Is.EqualTo(ExitCode.Success));
        CommandRun predicted = CommandRun.Of("predict", image, "--device", "cpu", "--out", theirs, "--checkpoint", snapshot, "--policy", policy, "--config", config);
        Assert.That(predicted.ExitCode, Is.EqualTo(ExitCode.Success), predicted.Error);
        string[] pictures = [.. Directory.GetFiles(ours).Select(static file => Path.GetFileName(file)!)];
        Assert.That(pictures, Has.Length.EqualTo(4));
        Assert.That(pictures.Select(name => File.ReadAllBytes(Path.Combine(theirs, name))), Is.EqualTo(pictures.Select(name => File.ReadAllBytes(Path.Combine(ours, name)))));
    }

    [Test]
    public void Options_that_do_not_go_together_are_named()
    {
        string config = new RunFolder(_run).Config, policy = new RunFolder(_run).Policy;
        Assert.Multiple(() =>
        {
            Assert.That(CommandRun.Of("evaluate").Error, Does.Contain("either the folder of a run, or --checkpoint FILE"));
            Assert.That(CommandRun.Of("evaluate", _run, "--checkpoint", _file, "--config", config).Error, Does.Contain("either the folder of a run, or --checkpoint FILE"));
            Assert.That(CommandRun.Of("evaluate", _run, "--policy", policy).Error, Does.Contain("--policy is for a checkpoint from elsewhere"));
            Assert.That(CommandRun.Of("evaluate", "--checkpoint", _file, "--config", config, "--policy", policy, "--skip", "seg:1").Error, Does.Contain("exclude each other"));
            Assert.That(CommandRun.Of("evaluate", "--device", "cpu", "--checkpoint", _file, "--config", config).Error, Does.Contain("lacks"));
            Assert.That(CommandRun.Of("evaluate", "--device", "cpu", "--checkpoint", _file, "--config", config, "--policy", TestData.File("pytorch", "policy4.pickle")).Error, Does.Contain("policies for 2 tasks, expected 3"));
            Assert.That(CommandRun.Of("predict", _run, "--out", _folder).Error, Does.Contain("an image"));
        });
    }

    [Test]
    public void A_study_gives_weights_to_some_methods()
    {
        string study = Path.Combine(_folder, "study.yaml");
        File.WriteAllText(study, $"""
            name: start
            preset: quick
            seeds: [1]
            reference: fresh
            set: [{string.Join(", ", Tiny.Where(static key => !key.StartsWith("retrain.", StringComparison.Ordinal)))}]
            methods:
              - method: hard_sharing
                label: fresh
              - method: hard_sharing
                label: given
                set: ["init={_file}"]
            """);
        CommandRun run = CommandRun.Of("study", study, "--device", "cpu", "--out", Path.Combine(_folder, "study"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        bool[] given = [.. Directory.GetFiles(Path.Combine(_folder, "study", "cells"), "metrics.json", SearchOption.AllDirectories).Order().Select(static file => MetricsFile.Read(file).Init is not null)];
        Assert.That(given, Is.EqualTo(new[] { false, true }));
        File.WriteAllText(study, File.ReadAllText(study).Replace(_file, _file + ".none", StringComparison.Ordinal));
        Assert.That(CommandRun.Of("study", study, "--device", "cpu", "--out", Path.Combine(_folder, "study-none")).Error, Does.Contain("given: init is").And.Contain("no such file"));
    }

    /// <summary>The last cell of each row of the tables, which is the final network's.</summary>
    private static string[] LastColumn(CommandRun run) =>
        [.. run.Output.Split('\n').Where(static line => line.StartsWith('│') && line.Any(char.IsAsciiDigit)).Select(static line => line.Trim().Trim('│').Split('│')[^1].Trim())];
}
