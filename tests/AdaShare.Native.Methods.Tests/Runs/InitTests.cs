using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weights;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs whose backbones start from weights from elsewhere.</summary>
public sealed class InitTests
{
    private readonly RunFolders _folders = new();
    private string _folder = null!;
    private TorchvisionFile _file = null!;
    private string _path = null!;

    public static IEnumerable<string> Methods => MethodRegistry.Names;

    [OneTimeSetUp]
    public void Write()
    {
        _folder = Directory.CreateTempSubdirectory("init").FullName;
        _file = TorchvisionFile.Eighth();
        _path = _file.Write(Path.Combine(_folder, "resnet18.safetensors"));
    }

    [OneTimeTearDown]
    public void Remove()
    {
        Directory.Delete(_folder, recursive: true);
        _folders.Dispose();
    }

    [TestCaseSource(nameof(Methods))]
    public void Every_method_starts_all_its_backbones_from_the_file(string method)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config(method, "seg", "sn");
        using IModel model = MethodRegistry.Get(method).Build(config, backend);
        model.Store.Initialize(88);
        using StartingWeights weights = StartingWeights.Of(_path, model.Store);
        weights.Apply();
        Assert.That(weights.Record.Missing, Is.Empty);
        Assert.That(weights.Record.Left, Is.EqualTo(new[] { "fc.*" }), "every tensor of the backbone is used");

        // Whatever looks like a backbone's filter has its weights from the file: its elements, in whatever parts, are the file's.
        Parameter[] filters = [.. model.Store.Parameters.Where(static p => p.IsFilter && p.Group.Name is not ("heads" or "policy") && p.Name.Contains(".blocks.", StringComparison.Ordinal))];
        Assert.That(filters, Has.Length.GreaterThanOrEqualTo(16));
        foreach (IGrouping<string, Parameter> whole in filters.GroupBy(static p => string.Join('.', p.Name.Split('.').TakeWhile(static part => part is not ("conv1" or "conv2")).Append(p.Name.Contains(".conv1.", StringComparison.Ordinal) ? "conv1" : "conv2"))))
        {
            string[] parts = whole.Key[(whole.Key.IndexOf(".blocks.", StringComparison.Ordinal) + 1)..].Split('.');
            double[] expected = _file[$"layer{int.Parse(parts[1]) + 1}.{parts[2]}.{parts[3]}.weight"];
            Assert.That(whole.SelectMany(static p => p.Value.ToDoubles()).Order(), Is.EqualTo(expected.Order()), whole.Key);
        }
    }

    [Test]
    public void A_block_whose_channels_are_divided_gets_the_rows_and_columns_of_its_parts()
    {
        using var backend = new CpuBackend();
        using IModel model = MethodRegistry.Get("den").Build(SmallRun.Config("den", "seg", "sn"), backend);
        using StartingWeights weights = StartingWeights.Of(_path, model.Store);
        weights.Apply();

        // 16 middle channels as 4, 4 and 8: the second part has rows 4 to 7 of the first convolution, and columns 4 to 7 of the second.
        double[] first = _file["layer2.1.conv1.weight"], second = _file["layer2.1.conv2.weight"];
        Assert.That(model.Store["backbone.blocks.1.1.conv1.1.weight"].Value.ToDoubles(), Is.EqualTo(first[(4 * 16 * 9)..(8 * 16 * 9)]));
        Assert.That(model.Store["backbone.blocks.1.1.conv2.1.weight"].Value.ToDoubles(), Is.EqualTo(Enumerable.Range(0, 16).SelectMany(o => second[(((o * 16) + 4) * 9)..(((o * 16) + 8) * 9)])));
        Assert.That(model.Store["backbone.blocks.1.1.bn1.1.running_var"].Value.ToDoubles(), Is.EqualTo(_file["layer2.1.bn1.running_var"][4..8]));
    }

    [Test]
    public void Fresh_networks_of_every_phase_start_from_the_file_and_a_run_goes_on_without_it()
    {
        using var training = new TinyTraining();
        string gone = Path.Combine(_folder, "gone.safetensors");
        RunFolder whole = training.NewFolder(), broken = training.NewFolder();
        MetricsFile results = SmallRun.Train(training.Backend, Config(_path), whole);
        Assert.That(results.Init!.Loaded, Is.EqualTo(_file.Names.Count() - 2));

        File.Copy(_path, gone);
        using var source = new CancellationTokenSource();
        Assert.That(() => SmallRun.Train(training.Backend, Config(gone), broken, onStep: _ => source.Cancel(), stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        File.Delete(gone);
        SmallRun.Train(training.Backend, Config(gone), broken, resume: true);
        foreach (string name in new[] { "init", "warmup", "retrain_0", "retrain_1" })
        {
            Assert.That(Tensors(broken, name), Is.EqualTo(Tensors(whole, name)), name);
        }

        Assert.That(RunRecord.Read(broken)!.State!.Init!.File, Is.EqualTo(gone));
    }

    [Test]
    public void A_retraining_starts_from_the_file_and_not_from_its_seed_alone()
    {
        using var training = new TinyTraining();
        RunFolder folder = training.NewFolder();
        RunConfig config = Config(_path);
        (config.Train.Lr, config.Train.BackboneLr) = (1e-30, 1e-30);
        SmallRun.Train(training.Backend, config, folder);
        using SafeTensorsFile file = SafeTensorsFile.Open(folder.Checkpoint("retrain_1"));
        double[] found = file.ReadTensors().Single(static tensor => tensor.Name == "backbone.blocks.3.1.conv2.weight").Read();
        Assert.That(found, Is.EqualTo(_file["layer4.1.conv2.weight"]), "steps this small move nothing");
    }

    [Test]
    public void A_file_that_does_not_fit_is_refused_before_anything_is_written()
    {
        using var backend = new CpuBackend();
        RunFolder folder = _folders.New();
        RunConfig config = SmallRun.Config("hard_sharing", "seg", "sn");
        config.Init = new TorchvisionFile([3, 4, 6, 3], [8, 16, 32, 64]).Write(Path.Combine(_folder, "resnet34.safetensors"));
        Assert.That(Assert.Throws<DataException>(() => SmallRun.Train(backend, config, folder))!.Message, Does.StartWith(config.Init + ": has 3, 4, 6, 3 blocks"));
        Assert.That(File.Exists(folder.Config) || File.Exists(folder.Data) || File.Exists(folder.Log), Is.False);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void A_lost_copy_is_named_with_what_can_be_done()
    {
        using var training = new TinyTraining();
        RunFolder folder = training.NewFolder();
        using var source = new CancellationTokenSource();
        Assert.That(() => SmallRun.Train(training.Backend, Config(_path), folder, onStep: _ => source.Cancel(), stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        File.Delete(folder.Checkpoint("init"));
        Assert.That(Assert.Throws<CheckpointException>(() => SmallRun.Train(training.Backend, Config(_path), folder, resume: true))!.Message, Does.Contain("init.safetensors").And.Contain("the weights that the run was given to start with"));
    }

    private static RunConfig Config(string path)
    {
        RunConfig config = TinyTraining.Config("adashare");
        config.Init = path;
        return config;
    }

    private static Dictionary<string, double[]> Tensors(RunFolder folder, string name)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(folder.Checkpoint(name));
        return file.ReadTensors().ToDictionary(static tensor => tensor.Name, static tensor => tensor.Read());
    }
}
