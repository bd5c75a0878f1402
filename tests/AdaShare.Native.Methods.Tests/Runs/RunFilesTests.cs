using System.Text.Json.Nodes;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.RandomPolicy;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Files of a run that were lost, changed or taken from another run between two of its starts, and data whose content changed.</summary>
public sealed class RunFilesTests
{
    private readonly RunFolders _folders = new();
    private CpuBackend _backend = null!;
    private Action? _validated;

    [SetUp]
    public void Begin() => _backend = new CpuBackend();

    [TearDown]
    public void End()
    {
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero, "a run that is refused leaves nothing behind");
        _backend.Dispose();
        _folders.Dispose();
    }

    [TestCase("fixed_policy", false)]
    [TestCase("fixed_policy", true)]
    [TestCase("random_policy", false)]
    [TestCase("random_policy", true)]
    public void ARunGoesOnUnderItsOwnPolicyWhateverBecameOfTheFile(string method, bool deleted)
    {
        RunConfig config = Config(method);
        RunFolder whole = _folders.New(), broken = _folders.New();
        Train(config, whole);
        Stop(config, broken, steps: 4);
        if (deleted)
        {
            File.Delete(broken.Policy);
        }
        else
        {
            Flip(broken.Policy);
        }

        List<string> notices = [];
        Train(config, broken, resume: true, notice: notices.Add);
        Assert.That(File.ReadAllText(broken.Policy), Is.EqualTo(File.ReadAllText(whole.Policy)));
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
        Assert.That(notices, Has.Some.StartsWith(broken.Policy));
    }

    [TestCase("fixed_policy")]
    [TestCase("adashare")]
    public void AFinishedRunWritesItsPolicyAgain(string method)
    {
        RunConfig config = Config(method);
        RunFolder folder = _folders.New();
        Train(config, folder);
        string own = File.ReadAllText(folder.Policy);
        Assert.That(RunRecord.Read(folder)!.PolicyFault(folder), Is.Null);
        Flip(folder.Policy);
        Assert.That(RunRecord.Read(folder)!.PolicyFault(folder), Does.StartWith(folder.Policy).And.Contain($"train --resume {folder.Path}"));
        Train(config, folder, resume: true);
        Assert.That(File.ReadAllText(folder.Policy), Is.EqualTo(own));
        File.Delete(folder.Policy);
        Assert.That(RunRecord.Read(folder)!.PolicyFault(folder), Does.Contain("is missing"));
        Assert.That(() => MethodRegistry.Get(method).Networks(folder, config), Throws.TypeOf<DataException>().With.Message.Contains($"train --resume {folder.Path}"));
        Train(config, folder, resume: true);
        Assert.That(File.ReadAllText(folder.Policy), Is.EqualTo(own));
    }

    [Test]
    public void ANetworkIsNotUsedUnderAnotherPolicyEvenWithoutALastCheckpoint()
    {
        RunConfig config = Config("fixed_policy");
        RunFolder folder = _folders.New();
        Train(config, folder);
        File.Delete(folder.Latest);
        Flip(folder.Policy);
        IMethod method = MethodRegistry.Get(config.Method);
        Assert.That(() => method.Networks(folder, config).Single().Load(method, config, _backend), Throws.TypeOf<CheckpointException>().With.Message.Contains("policy.json"));
    }

    [Test]
    public void ACheckpointUnderAnothersNameIsRefused()
    {
        RunConfig config = Config("adashare");
        RunFolder folder = _folders.New();
        Train(config, folder);
        File.Copy(folder.Checkpoint("retrain_1"), folder.Checkpoint("retrain_0"), overwrite: true);
        File.Copy(folder.Checkpoint("retrain_0"), folder.Checkpoint("warmup"), overwrite: true);
        IMethod method = MethodRegistry.Get(config.Method);
        Assert.That(() => method.Networks(folder, config)[0].Load(method, config, _backend), Throws.TypeOf<CheckpointException>().With.Message.Contains("is the checkpoint retrain_1 under another one's name"));
    }

    [Test]
    public void AnotherRunsCheckpointIsRefusedAndTheWayOutWorks()
    {
        RunConfig config = Config("hard_sharing");
        RunFolder other = _folders.New(), whole = _folders.New(), broken = _folders.New();
        Train(config, other, configuration: "seed: 2");
        Train(config, whole, configuration: "seed: 1");
        StopBeforeTest(config, broken, "train", configuration: "seed: 1");
        File.Copy(other.Checkpoint("final"), broken.Checkpoint("final"), overwrite: true);
        string message = Assert.Throws<CheckpointException>(() => Train(config, broken, resume: true, configuration: "seed: 1"))!.Message;
        Assert.That(message, Does.StartWith(broken.Checkpoint("final")).And.Contain("another run").And.Contain("--restart-phase"));
        Train(config, broken, resume: true, configuration: "seed: 1", restart: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
    }

    [TestCase("hard_sharing", "train", "final", false)]
    [TestCase("hard_sharing", "train", "final", true)]
    [TestCase("adashare", "retrain", "retrain_0", false)]
    [TestCase("adashare", "retrain", "retrain_0", true)]
    public void ALostBestNetworkIsTrainedAgain(string method, string phase, string checkpoint, bool isDamaged)
    {
        RunConfig config = Config(method);
        RunFolder whole = _folders.New(), broken = _folders.New();
        Train(config, whole);
        StopBeforeTest(config, broken, phase);
        Lose(broken.Checkpoint(checkpoint), isDamaged);
        string message = Assert.Throws<CheckpointException>(() => Train(config, broken, resume: true))!.Message;
        RequireRestart(config, message, broken, whole, checkpoint);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void ALostBestPolicyIsSearchedAgain(bool isDamaged)
    {
        RunConfig config = Config("adashare");
        RunFolder whole = _folders.New(), broken = _folders.New();
        Train(config, whole);

        // At the end of the search the latest policy is written, and then the best one read.
        string message = Assert.Throws<CheckpointException>(() => Train(config, broken, saved: path =>
        {
            if (path == broken.Checkpoint("policy_latest"))
            {
                Lose(broken.Checkpoint("policy_best"), isDamaged);
            }
        }))!.Message;
        RequireRestart(config, message, broken, whole, "policy_best");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void ALostLastCheckpointIsNoticedAndTheWayOutWorks(bool isDamaged)
    {
        RunConfig config = Config("hard_sharing");
        RunFolder whole = _folders.New(), broken = _folders.New();
        Train(config, whole);
        Stop(config, broken, steps: 4);
        Lose(broken.Latest, isDamaged);
        string message = Assert.Throws<CheckpointException>(() => Train(config, broken, resume: true))!.Message;
        string checkpoints = Path.GetDirectoryName(broken.Latest)!;
        Assert.That(message, Does.StartWith(broken.Latest).And.Contain($"delete {checkpoints} and {broken.Log}"));
        Directory.Delete(checkpoints, recursive: true);
        File.Delete(broken.Log);
        Train(config, broken, resume: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
    }

    [Test]
    public void OtherDataAreRefusedWithoutTheFileThatNamesThem()
    {
        RunConfig config = Config("hard_sharing");
        RunFolder folder = _folders.New();
        Stop(config, folder, steps: 4);
        File.Delete(folder.Data);
        Assert.That(() => Train(config, folder, SmallRun.Scenes(seed: 2), resume: true), Throws.TypeOf<DataException>().With.Message.Contains("other data").And.Message.Contains("--accept-data"));
        Train(config, folder, resume: true);
        Assert.That(DataManifest.Read(folder)!.Digest(), Is.EqualTo(CheckpointLabel.Read(folder.Latest).Data), "the data are the run's own: the file is written again");
    }

    [Test]
    public void AnEditedListOfTheDataDoesNotMakeOtherDataTheRunsOwn()
    {
        RunConfig config = Config("hard_sharing");
        RunFolder folder = _folders.New();
        Stop(config, folder, steps: 4);
        DataManifest.Of(SmallRun.Scenes(seed: 2)).Write(folder);
        Assert.That(() => Train(config, folder, SmallRun.Scenes(seed: 2), resume: true), Throws.TypeOf<DataException>().With.Message.Contains("was changed"));
        Train(config, folder, SmallRun.Scenes(seed: 2), resume: true, acceptsData: true);
    }

    [TestCase("img/0000.png", "the image of 0000")]
    [TestCase("seg/0003.png", "the label Segmentation of 0003")]
    [TestCase("normal_mask/0005.png", "the label SurfaceNormals of 0005")]
    public void AReplacedFileIsNamed(string file, string words)
    {
        RunFolder data = _folders.New();
        SceneWriter.Write((ProceduralScenes)SmallRun.Scenes(), data.Path);
        RunConfig config = Config("hard_sharing");
        RunFolder folder = _folders.New();
        Stop(config, folder, Open(), steps: 4);
        DataManifest then = DataManifest.Read(folder)!;
        Assert.That(then.Difference(DataManifest.Of(Open())), Is.Null);

        // Another scene's file of the same kind.
        string path = Path.Combine(data.Path, file);
        File.Copy(Path.Combine(Path.GetDirectoryName(path)!, "0008.png"), path, overwrite: true);
        Assert.That(() => Train(config, folder, Open(), resume: true), Throws.TypeOf<DataException>().With.Message.Contains(words).And.Message.Contains("another content"));
        Train(config, folder, Open(), resume: true, acceptsData: true);

        IDataset Open() => new NyuV2Dataset(data.Path, new NyuV2Options { Labels = [Label.Segmentation, Label.SurfaceNormals] });
    }

    [Test]
    public void ListsOfEarlierVersionsAreComparedByName()
    {
        RunFolder folder = _folders.New();
        Directory.CreateDirectory(folder.Path);
        DataManifest.Of(SmallRun.Scenes()).Write(folder);
        JsonNode node = JsonNode.Parse(File.ReadAllText(folder.Data))!;
        node["datasets"]![0]!.AsObject().Remove("origin");
        File.WriteAllText(folder.Data, node.ToJsonString());
        Assert.That(DataManifest.Fault(folder, DataManifest.Of(SmallRun.Scenes()), recorded: ""), Is.Null);
        Assert.That(DataManifest.Fault(folder, DataManifest.Of(SmallRun.Scenes(seed: 2)), recorded: ""), Is.Null, "the names are the same, and no more was written down");
        node["datasets"]![0]!["parts"]!["Test"]!.AsArray().RemoveAt(0);
        File.WriteAllText(folder.Data, node.ToJsonString());
        Assert.That(DataManifest.Fault(folder, DataManifest.Of(SmallRun.Scenes()), recorded: ""), Does.Contain("1 images then, 2 now"));
        File.Delete(folder.Data);
        Assert.That(DataManifest.Fault(folder, DataManifest.Of(SmallRun.Scenes()), recorded: ""), Does.Contain("nobody can tell"));
    }

    [Test]
    public void ScenesOfAnotherSeedAreOtherData() =>
        Assert.That(DataManifest.Of(SmallRun.Scenes()).Difference(DataManifest.Of(SmallRun.Scenes(seed: 2))), Does.Contain("seed 1").And.Contain("seed 2"));

    [Test]
    public void ImagesThatAreInTheTrainingSetAloneAreWrittenDownToo()
    {
        DataManifest more = DataManifest.Of(new OneMore());
        Assert.That(more.Datasets.Single().Parts["TrainOnly"], Is.EqualTo(new[] { "alone" }));
        Assert.That(more.Difference(DataManifest.Of(SmallRun.Scenes())), Does.Contain("TrainOnly"));
    }

    /// <summary>The message names the way out, and the way out ends in the same bytes.</summary>
    private void RequireRestart(RunConfig config, string message, RunFolder broken, RunFolder whole, string checkpoint)
    {
        Assert.That(message, Does.StartWith(broken.Checkpoint(checkpoint)).And.Contain($"train --resume {broken.Path} --restart-phase"));
        Train(config, broken, resume: true, restart: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint(checkpoint)), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint(checkpoint))));
        Assert.That(SmallRun.UntimedMetrics(broken).Split("\"budget\"")[0], Is.EqualTo(SmallRun.UntimedMetrics(whole).Split("\"budget\"")[0]));
    }

    /// <summary>Stops a run between the last validation of a phase, which has chosen its network, and the measurement of that network.</summary>
    private void StopBeforeTest(RunConfig config, RunFolder folder, string phase, string configuration = "")
    {
        using var source = new CancellationTokenSource();
        Assert.That(() => Train(config, folder, configuration: configuration, stop: source.Token, onStep: step =>
        {
            if (step.Phase.Key == phase && step.Step == step.Phase.Steps)
            {
                _validated = source.Cancel;
            }
        }), Throws.InstanceOf<OperationCanceledException>());
    }

    private static void Lose(string path, bool isDamaged)
    {
        Assert.That(path, Does.Exist);
        if (!isDamaged)
        {
            File.Delete(path);
            return;
        }

        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private void Stop(RunConfig config, RunFolder folder, int steps, string configuration = "") => Stop(config, folder, null, steps, configuration);

    /// <summary>Ends a run as a kill does: without a checkpoint.</summary>
    private void Stop(RunConfig config, RunFolder folder, IDataset? dataset, int steps, string configuration = "") => Assert.That(() => Train(config, folder, dataset, configuration: configuration, onStep: _ =>
    {
        if (--steps == 0)
        {
            throw new TimeoutException();
        }
    }), Throws.TypeOf<TimeoutException>());

    private MetricsFile Train(
        RunConfig config, RunFolder folder, IDataset? dataset = null, bool resume = false, string configuration = "", Action<StepRecord>? onStep = null, Action<string>? notice = null, bool restart = false,
        bool acceptsData = false, Action<string>? saved = null, CancellationToken stop = default)
    {
        _validated = null;
        var observer = new Observer(onStep, notice, saved, () => _validated?.Invoke());
        return Trainer.Run(
            MethodRegistry.Get(config.Method), config, _backend, dataset ?? SmallRun.Scenes(), folder, observer, resume, stop,
            new RunTerms { Configuration = configuration, RestartsPhase = restart, AcceptsOtherData = acceptsData });
    }

    private static RunConfig Config(string method)
    {
        RunConfig config = TinyTraining.Config(method);
        config.Dataload.CropW = 32;
        config.Options<FixedPolicyOptions>().Skip = method == "fixed_policy" ? "seg:1,2;sn:5" : null;
        config.Options<RandomPolicyOptions>().Share = method == "random_policy" ? 0.5 : null;
        config.Options<AdaShareOptions>().IsCurriculum = false;
        return config;
    }

    /// <summary>Turns one decision of every policy in a policy.json round.</summary>
    private static void Flip(string path)
    {
        PolicyFile file = PolicyFile.Read(path);
        foreach (bool[][] policy in file.Sampled)
        {
            policy[0][3] = !policy[0][3];
        }

        file.Write(path);
    }

    private sealed class Observer(Action<StepRecord>? onStep, Action<string>? notice, Action<string>? saved, Action validated) : IRunObserver
    {
        public void Notice(string text) => notice?.Invoke(text);

        public void PhaseStarted(PhaseInfo phase, long step)
        {
        }

        public void StepDone(StepRecord record) => onStep?.Invoke(record);

        public void Validated(PhaseInfo phase, long step, Learning.Metrics.MetricTable metrics) => validated();

        public void CheckpointSaved(string path) => saved?.Invoke(path);
    }

    /// <summary>Scenes, and one more in the training set that is in neither of its parts.</summary>
    private sealed class OneMore : IDataset
    {
        private readonly IDataset _scenes = SmallRun.Scenes();

        public string Name => _scenes.Name;

        public string Origin => _scenes.Origin;

        public IReadOnlyList<Label> Labels => _scenes.Labels;

        public int ClassesOf(Label label) => _scenes.ClassesOf(label);

        public IReadOnlyList<string> ClassNamesOf(Label label) => _scenes.ClassNamesOf(label);

        public int Count(Split split) => _scenes.Count(split) + (split == Split.Train ? 1 : 0);

        public string Id(Split split, int index) => index < _scenes.Count(split) ? _scenes.Id(split, index) : "alone";

        public Sample Load(Split split, int index, IReadOnlyList<Label> labels) => throw new NotSupportedException();
    }
}
