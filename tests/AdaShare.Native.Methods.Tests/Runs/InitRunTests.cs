using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs that start from the network of another run.</summary>
public sealed class InitRunTests
{
    private readonly RunFolders _folders = new();
    private readonly CpuBackend _backend = new();
    private readonly RunConfig _config = SmallRun.Config("hard_sharing", "seg", "sn", "depth");
    private RunFolder _folder = null!;
    private Dictionary<string, double[]> _tensors = null!;

    public static IEnumerable<string> Methods => MethodRegistry.Names;

    private StartingRun Source => new(_folder.Path, _folder.Checkpoint("final"), "hard sharing", _config, 5);

    [OneTimeSetUp]
    public void Train()
    {
        _folder = _folders.New();
        SmallRun.Train(_backend, _config, _folder);
        _tensors = Tensors(_folder.Checkpoint("final"));
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _folders.Dispose();
        _backend.Dispose();
    }

    [TestCaseSource(nameof(Methods))]
    public void Every_method_takes_backbone_statistics_and_the_heads_of_the_same_tasks_by_their_names(string method)
    {
        RunConfig config = SmallRun.Config(method, "depth", "seg");
        using IModel model = MethodRegistry.Get(method).Build(config, _backend);
        model.Store.Initialize(88);
        using StartingWeights weights = StartingWeights.Of(Source, model.Store, model.Tasks, target: model.Input);
        weights.Apply();
        Assert.That(weights.Record.Heads, Is.EqualTo(new[] { "depth", "seg" }));
        Assert.That(weights.Record.FreshHeads, Is.Empty);
        Assert.That(weights.Record.Missing, Is.Empty);

        // Depth is the third task there and the first here; a method that names its heads has it under its name.
        Parameter head = model.Store.Parameters.First(static p => p.Name is "task1_fc1_c0.conv1.weight" or "depth.head_c0.conv1.weight");
        Assert.That(head.Value.ToDoubles(), Is.EqualTo(_tensors["task3_fc1_c0.conv1.weight"]));
        Parameter[] means = [.. model.Store.Parameters.Where(static p => p.Name.EndsWith("blocks.2.1.bn1.running_mean", StringComparison.Ordinal) && !p.Name.StartsWith("policy", StringComparison.Ordinal))];
        Assert.That(means.Length > 0 || method == "den", "the backbone's statistics lie under a name like this");
        Assert.That(means.Select(static p => p.Value.ToDoubles()), Is.All.EqualTo(_tensors["backbone.blocks.2.1.bn1.running_mean"]));
    }

    [Test]
    public void A_run_starts_from_another_and_says_so_in_its_record_and_its_results()
    {
        using var training = new TinyTraining();
        RunFolder folder = _folders.New();
        RunConfig config = SmallRun.Config("hard_sharing", "sn", "seg", "edge");
        (config.Init, config.Train.Lr, config.Train.BackboneLr) = (_folder.Path, 1e-30, 1e-30);
        var recorder = new Recorder();
        var terms = new RunTerms { FindRun = path => path == _folder.Path ? Source : throw new AssertionException("the folder of init is asked for") };

        MetricsFile results = training.Train(config, folder, recorder, terms: terms);
        Assert.That(results.Init, Is.Not.Null);
        Assert.Multiple(() =>
        {
            Assert.That(results.Init!.Run, Is.EqualTo(_folder.Path));
            Assert.That(results.Init.Steps, Is.EqualTo(5));
            Assert.That(results.Init.Heads, Is.EqualTo(new[] { "sn", "seg" }));
            Assert.That(results.Init.FreshHeads, Is.EqualTo(new[] { "edge (no such task there)" }));
            Assert.That(results.Init.Left, Is.EqualTo(new[] { "task3_fc1_c0.*", "task3_fc1_c1.*", "task3_fc1_c2.*", "task3_fc1_c3.*" }));
            Assert.That(results.Init.Fingerprint, Is.EqualTo(FileFingerprint.Of(_folder.Checkpoint("final"))));
            Assert.That(recorder.Notices, Has.One.StartsWith($"init: started from {_folder.Path} (hard_sharing: hard sharing; 5 steps before this run's own): loaded "));
            Assert.That(Tensors(folder.Checkpoint("final"))["backbone.blocks.3.1.conv2.weight"], Is.EqualTo(_tensors["backbone.blocks.3.1.conv2.weight"]), "steps this small move nothing");
            Assert.That(Tensors(folder.Checkpoint("init")).Keys, Has.None.StartsWith("task3_").And.Some.EqualTo("task1_fc1_c0.conv1.weight"));
        });
    }

    [Test]
    public void Heads_of_other_sizes_or_kinds_start_from_the_seed_and_the_record_says_why()
    {
        using SharedNetwork network = Network(new TaskSpec("seg", TaskSpec.Of("seg", 5, 1).Kind, 5, 1), new TaskSpec("sn", TaskSpec.Of("depth", 1, 1).Kind, 3, 1), TaskSpec.Of("depth", 1, 1));
        network.Store.Initialize(1);
        double[] before = network.Store["task1_fc1_c0.conv3.weight"].Value.ToDoubles();
        using StartingWeights weights = StartingWeights.Of(Source, network.Store, network.Tasks);
        weights.Apply();
        Assert.That(weights.Record.Heads, Is.EqualTo(new[] { "depth" }));
        Assert.That(weights.Record.FreshHeads, Is.EqualTo(new[] { "seg (13 outputs there, 5 here)", "sn (sn there, depth here)" }));
        Assert.That(network.Store["task1_fc1_c0.conv3.weight"].Value.ToDoubles(), Is.EqualTo(before));
    }

    [Test]
    public void Another_width_is_refused_with_the_names_and_other_images_with_the_key()
    {
        RunConfig wide = SmallRun.Config("hard_sharing", "seg");
        wide.Model.Width = 0.25;
        using IModel model = MethodRegistry.Get("hard_sharing").Build(wide, _backend);
        Assert.That(
            Assert.Throws<DataException>(() => StartingWeights.Of(Source, model.Store, model.Tasks))!.Message,
            Does.StartWith(_folder.Checkpoint("final")).And.Contain("backbone.conv1.weight is [8, 3, 7, 7], and backbone.conv1.weight of the network [16, 3, 7, 7]").And.Contain("model.width"));

        RunConfig other = SmallRun.Config("hard_sharing", "seg", "sn", "depth");
        other.Dataload.Input.Order = "rgb";
        using SharedNetwork network = Network(TaskSpec.Of("seg", 13, 1));
        Assert.That(
            Assert.Throws<ConfigurationException>(() => StartingWeights.Of(Source with { Config = other }, network.Store, network.Tasks))!.Message, Does.Contain("dataload.input").And.Contain("init_input=own"));
    }

    [Test]
    public void Batch_norms_of_single_tasks_go_to_the_tasks_of_their_names()
    {
        RunConfig theirs = SmallRun.Config("hard_sharing", "seg", "sn"), ours = SmallRun.Config("hard_sharing", "sn", "depth");
        (theirs.Model.BatchNorm, ours.Model.BatchNorm) = (ModelConfig.PerTask, ModelConfig.PerTask);
        RunFolder folder = _folders.New();
        SmallRun.Train(_backend, theirs, folder);
        Dictionary<string, double[]> tensors = Tensors(folder.Checkpoint("final"));
        using IModel model = MethodRegistry.Get("hard_sharing").Build(ours, _backend);
        model.Store.Initialize(1);
        using StartingWeights weights = StartingWeights.Of(new StartingRun(folder.Path, folder.Checkpoint("final"), "hard sharing", theirs, null), model.Store, model.Tasks);
        weights.Apply();
        Assert.That(model.Store["backbone.blocks.1.0.task0_bn1.running_mean"].Value.ToDoubles(), Is.EqualTo(tensors["backbone.blocks.1.0.task1_bn1.running_mean"]));
        Assert.That(weights.Record.Missing, Does.Contain("backbone.blocks.1.0.task1_bn1.running_mean"), "depth has none there");
        Assert.That(weights.Record.Origin, Does.Contain("nobody knows how many steps"));
    }

    [Test]
    public void Images_of_the_test_part_that_the_other_run_was_trained_on_are_counted()
    {
        DataManifest same = DataManifest.Of(SmallRun.Scenes()), other = DataManifest.Of(SmallRun.Scenes(seed: 2)), swapped = DataManifest.Of(SmallRun.Scenes());
        Assert.That(same.TestedBeside(same), Is.Zero, "its own test part was not trained on");
        Assert.That(same.TestedBeside(other), Is.Zero);
        Dictionary<string, List<string>> parts = swapped.Datasets[0].Parts;
        (parts["Test"], parts["TrainWeights"]) = (parts["TrainWeights"], parts["Test"]);
        Assert.That(same.TestedBeside(swapped), Is.EqualTo(same.Datasets[0].Parts["Test"].Count));
    }

    private SharedNetwork Network(params TaskSpec[] tasks) => new(NetworkSpec.Of(_config) with { Tasks = tasks }, _backend);

    private static Dictionary<string, double[]> Tensors(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return file.ReadTensors().ToDictionary(static tensor => tensor.Name, static tensor => tensor.Read());
    }
}
