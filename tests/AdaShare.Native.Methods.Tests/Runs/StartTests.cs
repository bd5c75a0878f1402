using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.CrossStitch;
using AdaShare.Native.Methods.Nddr;
using AdaShare.Native.Methods.Sluice;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs that start from the networks of a single-task run.</summary>
public sealed class StartTests
{
    private readonly RunFolders _folders = new();

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [TestCase("cross_stitch")]
    [TestCase("nddr")]
    [TestCase("sluice")]
    public void TheFirstStepSeesTheTrainedNetworksWhateverTheirOrder(string method)
    {
        using var backend = new CpuBackend();
        RunFolder trained = _folders.New();
        SmallRun.Train(backend, SmallRun.Config("single_task", "seg", "sn", "depth"), trained);

        // With rates of next to nothing a run keeps the weights that it starts from.
        RunConfig config = From(method, trained.Path, "depth", "seg");
        (config.Train.Lr, config.Train.BackboneLr, config.Train.WeightDecay) = (1e-30, 1e-30, 0);
        RunFolder folder = _folders.New();
        SmallRun.Train(backend, config, folder);
        using IModel model = MethodRegistry.Get("single_task").Build(SmallRun.Config("single_task", "depth", "seg"), backend);
        using (SafeTensorsFile file = SafeTensorsFile.Open(trained.Checkpoint("final")))
        {
            StateEntries.Load(file, model.Store);
        }

        using SafeTensorsFile found = SafeTensorsFile.Open(folder.Checkpoint("final"));
        foreach (Parameter parameter in model.Store.Parameters.Where(static p => !p.Group.IsBuffer))
        {
            var bytes = new byte[parameter.Count * sizeof(float)];
            found.Read(parameter.Name, "F32", parameter.Shape.ToArray(), bytes);
            Assert.That(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray(), Is.EqualTo(parameter.Value.ToDoubles().Select(static v => (float)v)), parameter.Name);
        }
    }

    [TestCase("cross_stitch")]
    [TestCase("nddr")]
    [TestCase("sluice")]
    public void AStoppedRunGoesOnWithoutTheFolderThatItStartedFrom(string method)
    {
        using var backend = new CpuBackend();
        RunFolder trained = _folders.New(), whole = _folders.New(), broken = _folders.New();
        SmallRun.Train(backend, SmallRun.Config("single_task", "seg", "sn"), trained);
        RunConfig config = From(method, trained.Path, "seg", "sn");
        SmallRun.Train(backend, config, whole);
        using var source = new CancellationTokenSource();
        Assert.That(() => SmallRun.Train(backend, config, broken, onStep: _ => source.Cancel(), stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Directory.Delete(trained.Path, recursive: true);
        SmallRun.Train(backend, config, broken, resume: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
    }

    [TestCase("cross_stitch")]
    [TestCase("nddr")]
    [TestCase("sluice")]
    public void WhatDoesNotFitIsOneSentence(string method)
    {
        using var backend = new CpuBackend();
        RunFolder single = _folders.New(), hard = _folders.New(), deep = _folders.New(), joined = _folders.New();
        SmallRun.Train(backend, Short("single_task"), single);
        SmallRun.Train(backend, Short("hard_sharing"), hard);
        SmallRun.Train(backend, Short(method), joined);
        RunConfig resNet34 = Short("single_task");
        resNet34.Backbone = "ResNet34";
        SmallRun.Train(backend, resNet34, deep);

        Refused(From(method, "/nowhere/at/all", "seg", "sn"), "there is no such folder");
        Refused(From(method, Path.GetTempPath(), "seg", "sn"), "the folder has no checkpoints/final.safetensors".Replace('/', Path.DirectorySeparatorChar));
        Refused(From(method, hard.Path, "seg", "sn"), "backbone.conv1.weight, which belongs to the network of no task");
        Refused(From(method, joined.Path, "seg", "sn"), "which belongs to the network of no task");
        Refused(From(method, single.Path, "seg", "depth"), "it has networks for seg, sn and none for depth");
        Refused(From(method, deep.Path, "seg", "sn"), "so it is no ResNet18");
        RunConfig deeper = From(method, single.Path, "seg", "sn");
        deeper.Backbone = "ResNet34";
        Refused(deeper, "so it is no ResNet34");
        RunConfig wider = From(method, single.Path, "seg", "sn");
        wider.Model.Width = 0.25;
        Assert.That(() => SmallRun.Train(backend, wider, _folders.New(), onStep: static _ => NoStep()), Throws.TypeOf<CheckpointException>().With.Message.Contains("seg.backbone.conv1.weight is F32 [8, 3, 7, 7], expected F32 [16, 3, 7, 7]"));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);

        void Refused(RunConfig config, string why) =>
            Assert.That(() => SmallRun.Train(backend, config, _folders.New(), onStep: static _ => NoStep()), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith($"{method}.start_from is ").And.Message.Contains(why));
    }

    private static void NoStep() => Assert.Fail("nothing is trained before the networks are there");

    private static RunConfig Short(string method)
    {
        RunConfig config = SmallRun.Config(method, "seg", "sn");
        config.Train.RetrainTotalIters = 1;
        return config;
    }

    private static RunConfig From(string method, string folder, params string[] tasks)
    {
        RunConfig config = SmallRun.Config(method, tasks);
        config.Options<CrossStitchOptions>().StartFrom = folder;
        config.Options<NddrOptions>().StartFrom = folder;
        config.Options<SluiceOptions>().StartFrom = folder;
        return config;
    }
}
