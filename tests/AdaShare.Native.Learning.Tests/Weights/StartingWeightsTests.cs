using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weights;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Learning.Tests.Weights;

/// <summary>Weights from files of other programs in our backbones.</summary>
public sealed class StartingWeightsTests
{
    private static readonly TaskSpec[] Tasks = [TaskSpec.Of("seg", 5, 1), TaskSpec.Of("depth", 1, 1)];

    private readonly CpuBackend _backend = new();
    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("weights").FullName;

    [TearDown]
    public void TearDown()
    {
        Directory.Delete(_folder, recursive: true);
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
    }

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    [TestCase("")]
    [TestCase("module.")]
    [TestCase("encoder.")]
    public void Torchvisions_names_go_into_a_backbone(string prefix)
    {
        var file = TorchvisionFile.Eighth(prefix);
        using SharedNetwork network = Shared();
        WeightRecord record = Load(file.Write(Path("a.safetensors")), network);
        CheckBackbone(network, "backbone.", file, prefix);
        Assert.Multiple(() =>
        {
            Assert.That(record.Left, Is.EqualTo(new[] { prefix == "encoder." ? "encoder.*" : "fc.*" }));
            Assert.That(record.Missing, Is.Empty);
            Assert.That(record.Loaded, Is.EqualTo(file.Names.Count() - 2));
            Assert.That(record.Input, Is.EqualTo("torchvision"));
            Assert.That(record.Describe(), Does.Contain("into the backbone").And.Contain("missing: none"));
        });
    }

    // torchvision's wide_resnet50_2 by its names, and our own state of a network of texts with its embedding.
    [TestCase("PlainWideResNet50_2", true)]
    [TestCase("WideResNet34_2", false)]
    [TestCase("VDCNN9", false)]
    public void Other_stems_and_widths_start_from_a_file_of_theirs(string backbone, bool torchvisionsNames)
    {
        var spec = new NetworkSpec(BackboneSpec.Of(backbone, 0.125), [TaskSpec.Of("class", 3, 1)], 8, 0);
        using var trained = new SharedNetwork(spec, _backend);
        using var fresh = new SharedNetwork(spec, _backend);
        trained.Store.Initialize(3);
        fresh.Store.Initialize(4);
        Parameter[] backbones = [.. trained.Store.Parameters.Where(static p => p.Name.StartsWith("backbone.", StringComparison.Ordinal))];
        SafeTensors.Write(Path("own.safetensors"), [.. backbones.Select(parameter =>
        {
            float[] values = Array.ConvertAll(parameter.Value.ToDoubles(), static v => (float)v);
            return new SafeTensorEntry(torchvisionsNames ? Torchvision(parameter.Name) : parameter.Name, "F32", parameter.Shape.ToArray(), bytes => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(bytes));
        })], new Dictionary<string, string>());
        using (var weights = StartingWeights.Of(Path("own.safetensors"), fresh.Store, InputConvention.Bgr))
        {
            weights.Apply();
            Assert.That(weights.Record.Left.Concat(weights.Record.Missing), Is.Empty);
        }

        foreach (Parameter parameter in backbones)
        {
            Assert.That(fresh.Store[parameter.Name].Value.ToDoubles(), Is.EqualTo(parameter.Value.ToDoubles()), parameter.Name);
        }
    }

    private static string Torchvision(string name)
    {
        string[] words = name.Split('.')[1..];
        return string.Join('.', words switch
        {
            ["blocks", var stage, .. var rest] => [$"layer{int.Parse(stage, System.Globalization.CultureInfo.InvariantCulture) + 1}", .. rest],
            ["ds", var stage, .. var rest] => [$"layer{int.Parse(stage, System.Globalization.CultureInfo.InvariantCulture) + 1}", "0", "downsample", .. rest],
            _ => words,
        });
    }

    [Test]
    public void The_same_file_from_PyTorch_gives_the_same_weights_in_every_backbone()
    {
        var file = TorchvisionFile.Eighth();
        PyTorchWriter.Write(Path("a.pth"), file.Entries(), overwrite: false);
        using var network = new ParallelNetworks(Spec(), _backend);
        network.Store.Initialize(1);
        WeightRecord record = Load(Path("a.pth"), network);
        CheckBackbone(network, "seg.backbone.", file);
        CheckBackbone(network, "depth.backbone.", file);
        Assert.That((record.Backbones, record.Format), Is.EqualTo((2, "PyTorch")));
    }

    [Test]
    public void Our_own_checkpoints_give_backbone_and_heads_as_they_are()
    {
        using SharedNetwork trained = Shared(seed: 7), fresh = Shared(seed: 1), other = Shared(seed: 1, [Tasks[0], TaskSpec.Of("sn", 3, 1)]);
        SafeTensors.Write(Path("own.safetensors"), [.. StateEntries.Of(trained.Store)], new Dictionary<string, string>());
        WeightRecord record = Load(Path("own.safetensors"), fresh);
        Assert.That(fresh.Store.Parameters.Select(static p => p.Value.ToDoubles()), Is.EqualTo(trained.Store.Parameters.Select(static p => p.Value.ToDoubles())));
        Assert.That((record.Left.Count, record.Input), Is.EqualTo((0, "bgr")));

        record = Load(Path("own.safetensors"), other);
        Assert.That(other.Store["task1_fc1_c0.conv3.weight"].Value.ToDoubles(), Is.EqualTo(trained.Store["task1_fc1_c0.conv3.weight"].Value.ToDoubles()));
        Assert.That(other.Store["task2_fc1_c0.conv1.weight"].Value.ToDoubles(), Is.Not.EqualTo(trained.Store["task2_fc1_c0.conv1.weight"].Value.ToDoubles()), "a head with other outputs is not taken in part");
        Assert.That(record.Left, Has.Some.StartsWith("task2_fc1_c0"));
    }

    [Test]
    public void A_folded_stem_computes_what_torchvisions_does()
    {
        // One output at one place, by the definitions: pixels of 0 to 255 through both ways of preparing them.
        var stream = RandomStream.For(3, "fold");
        double[] filter = [.. Enumerable.Range(0, 2 * 3 * 49).Select(i => stream.Normal((ulong)i))], mean = [0.3, -2];
        double[] folded = StemFold.Filter(filter, 2, InputConvention.Torchvision, ImageInput.Default), foldedMean = StemFold.RunningMean(mean, filter, InputConvention.Torchvision, ImageInput.Default);
        double[] pixels = [.. Enumerable.Range(0, 3 * 49).Select(i => Math.Floor(256 * stream.UniformDouble((ulong)i)))];
        double[] averages = [0.485, 0.456, 0.406], deviations = [0.229, 0.224, 0.225];
        for (int o = 0; o < 2; o++)
        {
            double theirs = -mean[o], ours = -foldedMean[o];
            for (int c = 0; c < 3; c++)
            {
                for (int i = 0; i < 49; i++)
                {
                    double pixel = pixels[(c * 49) + i];
                    theirs += filter[(((o * 3) + c) * 49) + i] * ((pixel / 255) - averages[c]) / deviations[c];
                    ours += folded[(((o * 3) + (2 - c)) * 49) + i] * (pixel - ImageInput.Default.Mean[2 - c]);
                }
            }

            Assert.That(ours, Is.EqualTo(theirs).Within(1e-10));
        }
    }

    [TestCase(InputConvention.Torchvision, ChannelOrder.Rgb)]
    [TestCase(InputConvention.Torchvision, ChannelOrder.Bgr)]
    [TestCase(InputConvention.Bgr, ChannelOrder.Rgb)]
    public void A_stem_that_is_folded_for_another_input_computes_the_same(InputConvention from, ChannelOrder order)
    {
        var to = new ImageInput(new(120, 110.5f, 97), new(60, 57, 61.25f), order);
        var stream = RandomStream.For(4, "fold");
        double[] filter = [.. Enumerable.Range(0, 3 * 9).Select(i => stream.Normal((ulong)i))], mean = [0.7];
        double[] folded = StemFold.Filter(filter, 1, from, to), foldedMean = StemFold.RunningMean(mean, filter, from, to);
        double[] averages = [0.485, 0.456, 0.406], deviations = [0.229, 0.224, 0.225];
        double theirs = -mean[0], ours = -foldedMean[0];
        for (int colour = 0; colour < 3; colour++)
        {
            for (int i = 0; i < 9; i++)
            {
                // The colours are red, green, blue.
                double pixel = Math.Floor(256 * stream.UniformDouble((ulong)((colour * 9) + i)));
                (int place, double seen) = from == InputConvention.Torchvision
                    ? (colour, ((pixel / 255) - averages[colour]) / deviations[colour])
                    : (2 - colour, pixel - ImageInput.Default.Mean[2 - colour]);
                int own = order == ChannelOrder.Rgb ? colour : 2 - colour;
                theirs += filter[(place * 9) + i] * seen;
                ours += folded[(own * 9) + i] * ((pixel - to.Mean[own]) * to.Normalization.Scale[own]);
            }
        }

        Assert.That(ours, Is.EqualTo(theirs).Within(1e-6));
    }

    [Test]
    public void Weights_for_what_the_network_sees_stay_as_they_are()
    {
        var file = TorchvisionFile.Eighth();
        using SharedNetwork network = Shared();
        var torchvision = new ImageInput(new(123.675f, 116.28f, 103.53f), new(58.395f, 57.12f, 57.375f), ChannelOrder.Rgb);
        double[] filter = file["conv1.weight"], mean = file["bn1.running_mean"];
        file.Write(Path("a.safetensors"));

        using (var weights = StartingWeights.Of(Path("a.safetensors"), network.Store, target: torchvision))
        {
            weights.Apply();
            Assert.That(weights.Record.Describe(), Does.Contain("turned from RGB / 255 to the run's dataload.input"));
        }

        Assert.That(network.Store["backbone.conv1.weight"].Value.ToDoubles(), Is.EqualTo(filter).Within(1e-6));
        Assert.That(network.Store["backbone.bn1.running_mean"].Value.ToDoubles(), Is.EqualTo(mean).Within(1e-5));

        using (var weights = StartingWeights.Of(Path("a.safetensors"), network.Store, InputConvention.Own, torchvision))
        {
            weights.Apply();
            Assert.That(weights.Record.Input, Is.EqualTo("own"));
        }

        Assert.That(network.Store["backbone.conv1.weight"].Value.ToDoubles(), Is.EqualTo(filter));
        Assert.That(network.Store["backbone.bn1.running_mean"].Value.ToDoubles(), Is.EqualTo(mean));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Features_of_an_image_are_the_same_whatever_the_network_sees_of_it(int seed)
    {
        using var backend = new CpuBackend();
        var file = TorchvisionFile.Eighth();
        file.Write(Path("a.safetensors"));
        var stream = RandomStream.For((ulong)seed, "image");
        var image = new BgrImage(40, 48, [.. Enumerable.Range(0, 40 * 48 * 3).Select(i => (byte)stream.Integer((ulong)i, 256))]);
        float[] StemOf(ImageInput input)
        {
            using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), [TaskSpec.Of("depth", 1, 1)], 8, 0) { Input = input }, backend);
            network.Store.Initialize(1);
            using StartingWeights weights = StartingWeights.Of(Path("a.safetensors"), network.Store, target: network.Input);
            weights.Apply();
            using var step = new Step(backend, recordGradients: false);
            return network.Backbone.Stem.Forward(step, NetworkInput.Of(step, image, network.Input), training: false).ToArray<float>();
        }

        // The stem's rows and columns next to the border see padding, which is another colour for each; the rest does not.
        float[] usual = StemOf(ImageInput.Default), theirs = StemOf(new(new(123.675f, 116.28f, 103.53f), new(58.395f, 57.12f, 57.375f), ChannelOrder.Rgb)), own = StemOf(new(new(90, 100, 110), new(3, 40, 250), ChannelOrder.Bgr));
        int[] inside = [.. Enumerable.Range(0, usual.Length).Where(i => i / 8 % 13 is > 1 and < 11 && i / 8 / 13 is > 1 and < 9)];
        double scale = usual.Max(Math.Abs);
        Assert.That(usual, Has.Length.EqualTo(11 * 13 * 8));
        Assert.That(inside.Select(i => Math.Abs(usual[i] - theirs[i])).Max(), Is.LessThan(1e-5 * scale));
        Assert.That(inside.Select(i => Math.Abs(usual[i] - own[i])).Max(), Is.LessThan(1e-5 * scale));
    }

    [Test]
    public void The_images_can_be_said_where_the_names_mislead()
    {
        var file = TorchvisionFile.Eighth();
        using SharedNetwork network = Shared();
        WeightRecord record = Load(file.Write(Path("a.safetensors")), network, InputConvention.Bgr);
        Assert.That(network.Store["backbone.conv1.weight"].Value.ToDoubles(), Is.EqualTo(file["conv1.weight"]));
        Assert.That(record.Input, Is.EqualTo("bgr"));
    }

    [Test]
    public void What_does_not_fit_is_one_sentence()
    {
        using SharedNetwork network = Shared();
        double[] before = network.Store["backbone.conv1.weight"].Value.ToDoubles();
        Assert.Multiple(() =>
        {
            Assert.That(Refused(Path("none.pth")), Does.Contain("could not be read"));
            Assert.That(Refused(new TorchvisionFile([3, 4, 6, 3], [8, 16, 32, 64]).Write(Path("deep"))), Does.Contain("has 3, 4, 6, 3 blocks in its stages, and the network 2, 2, 2, 2"));
            Assert.That(Refused(new TorchvisionFile([2, 2, 2, 2], [16, 32, 64, 128]).Write(Path("wide"))), Does.Contain("[16, 3, 7, 7], and backbone.conv1.weight of the network [8, 3, 7, 7]"));
            Assert.That(Refused(TorchvisionFile.Eighth().Without("layer3.1.conv2.weight").Write(Path("part"))), Does.Contain("lacks a convolution of the network, backbone.blocks.2.1.conv2.weight"));
            Assert.That(Refused(TorchvisionFile.Eighth().With("layer3.1.conv2.weight", float.NaN).Write(Path("nan"))), Does.Contain("not finite"));
            Assert.That(Refused(Other("head", "classifier.weight")), Does.Contain("has no residual network").And.Contain("classifier.weight"));
        });
        Assert.That(network.Store["backbone.conv1.weight"].Value.ToDoubles(), Is.Not.EqualTo(before), "a number that is not finite is seen last, when others are read");

        string Refused(string path)
        {
            string message = Assert.Throws<DataException>(() => Load(path, network), path)!.Message;
            Assert.That(message, Does.StartWith(path + ": ").And.Not.Contains("\n"));
            return message;
        }
    }

    [Test]
    public void Statistics_that_a_file_lacks_are_named_and_stay()
    {
        using SharedNetwork network = Shared();
        WeightRecord record = Load(TorchvisionFile.Eighth().Without("layer2.0.bn1.running_var").Write(Path("a.safetensors")), network);
        Assert.That(record.Missing, Is.EqualTo(new[] { "backbone.blocks.1.0.bn1.running_var" }));
        Assert.That(network.Store["backbone.blocks.1.0.bn1.running_var"].Value.ToDoubles(), Is.All.EqualTo(1));
    }

    [Test]
    public void Batch_norms_of_tasks_start_as_copies_of_the_one_in_the_file()
    {
        var file = TorchvisionFile.Eighth();
        using var store = new ParameterStore();
        ParameterGroup weights = store.Group("backbone"), statistics = store.Group("statistics", isBuffer: true);
        using (SharedNetwork network = Shared())
        {
            foreach (Parameter parameter in network.Store.Parameters.Where(static p => p.Name.StartsWith("backbone.", StringComparison.Ordinal)))
            {
                ParameterGroup group = parameter.Group.IsBuffer ? statistics : weights;
                bool isNorm = parameter.Shape.Rank == 1;
                for (int task = 0; task < (isNorm ? 2 : 1); task++)
                {
                    group.Add(isNorm ? OfTask(parameter.Name, task) : parameter.Name, parameter.Shape, Initializers.Constant(0), parameter.IsFilter);
                }
            }
        }

        store.Allocate(_backend, Engine.Tensors.DType.Float32);
        using (StartingWeights start = StartingWeights.Of(file.Write(Path("a.safetensors")), store))
        {
            start.Apply();
            Assert.That((start.Record.Missing.Count, start.Record.Backbones), Is.EqualTo((0, 1)));
        }

        for (int task = 0; task < 2; task++)
        {
            Assert.That(store[$"backbone.task{task}_bn1.running_mean"].Value.ToDoubles(), Is.EqualTo(StemFold.RunningMean(file["bn1.running_mean"], file["conv1.weight"], InputConvention.Torchvision, ImageInput.Default)).Within(1e-6));
            Assert.That(store[$"backbone.blocks.1.0.task{task}_bn2.weight"].Value.ToDoubles(), Is.EqualTo(file["layer2.0.bn2.weight"]));
            Assert.That(store[$"backbone.task{task}_ds.1.1.running_var"].Value.ToDoubles(), Is.EqualTo(file["layer2.0.downsample.1.running_var"]));
        }

        // backbone.bn1, backbone.blocks.0.0.bn1, backbone.ds.1.1: the task's mark stands before the norm, or before the shortcut that it is of.
        static string OfTask(string name, int task)
        {
            int at = name.Contains(".ds.", StringComparison.Ordinal) ? name.IndexOf("ds.", StringComparison.Ordinal) : name.LastIndexOf("bn", StringComparison.Ordinal);
            return $"{name[..at]}task{task}_{name[at..]}";
        }
    }

    [Test]
    public void A_whole_model_is_read_or_what_it_lacks_is_named()
    {
        using SharedNetwork trained = Shared(seed: 7), fresh = Shared(seed: 1);
        trained.Store.Counters[0].Value = 12;
        SafeTensorEntry[] entries = [.. StateEntries.Of(trained.Store)];
        PyTorchWriter.Write(Path("model.pth"), [.. entries, new SafeTensorEntry("extra.one", "F32", [1], static _ => { })], overwrite: false);
        Assert.That(ModelWeights.Load(Path("model.pth"), fresh.Store), Is.EqualTo(new[] { "extra.one" }));
        Assert.That(fresh.Store.Parameters.Select(static p => p.Value.ToDoubles()), Is.EqualTo(trained.Store.Parameters.Select(static p => p.Value.ToDoubles())));
        Assert.That(fresh.Store.Counters[0].Value, Is.EqualTo(12));

        PyTorchWriter.Write(Path("part.pth"), [.. entries.Where(static entry => !entry.Name.StartsWith("task2", StringComparison.Ordinal))], overwrite: false);
        Assert.That(Assert.Throws<DataException>(() => ModelWeights.Load(Path("part.pth"), fresh.Store))!.Message, Does.Contain("lacks task2_fc1_c0.*"));
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private static NetworkSpec Spec(TaskSpec[]? tasks = null) => new(BackboneSpec.Of("ResNet18", 0.125), tasks ?? Tasks, 8, 0);

    private SharedNetwork Shared(ulong seed = 1, TaskSpec[]? tasks = null)
    {
        var network = new SharedNetwork(Spec(tasks), _backend);
        network.Store.Initialize(seed);
        return network;
    }

    private string Other(string name, string tensor)
    {
        SafeTensors.Write(Path(name), [new SafeTensorEntry(tensor, "F32", [2], static _ => { })], new Dictionary<string, string>());
        return Path(name);
    }

    private static WeightRecord Load(string path, IModel model, InputConvention? input = null)
    {
        using StartingWeights weights = StartingWeights.Of(path, model.Store, input);
        weights.Apply();
        return weights.Record;
    }

    /// <summary>Every parameter and statistic of a backbone must be the file's, the stem's turned to our images.</summary>
    private static void CheckBackbone(TaskNetwork network, string prefix, TorchvisionFile file, string filePrefix = "")
    {
        Parameter[] own = [.. network.Store.Parameters.Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))];
        Assert.That(own, Has.Length.EqualTo(file.Names.Count() - 2));
        foreach (Parameter parameter in own)
        {
            string place = parameter.Name[prefix.Length..];
            string[] parts = place.Split('.');
            string name = filePrefix + (parts[0] switch
            {
                "blocks" => $"layer{int.Parse(parts[1]) + 1}.{string.Join('.', parts[2..])}",
                "ds" => $"layer{int.Parse(parts[1]) + 1}.0.downsample.{string.Join('.', parts[2..])}",
                _ => place,
            });
            double[] expected = place switch
            {
                "conv1.weight" => StemFold.Filter(file[name], (int)parameter.Shape[0], InputConvention.Torchvision, ImageInput.Default),
                "bn1.running_mean" => StemFold.RunningMean(file[name], file[filePrefix + "conv1.weight"], InputConvention.Torchvision, ImageInput.Default),
                _ => file[name],
            };
            Assert.That(parameter.Value.ToDoubles(), Is.EqualTo(expected).Within(1e-6), parameter.Name);
        }
    }
}
