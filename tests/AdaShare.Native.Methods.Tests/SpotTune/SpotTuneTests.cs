using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.SpotTune;
using AdaShare.Native.Methods.Tests.Decisions;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.SpotTune;

/// <summary>SpotTune: sizes, gradients, choices, given weights, runs.</summary>
public sealed class SpotTuneTests : TrainingTests
{
    // The second copy lacks the stem: 7 x 7 x 3 x 64 weights, 64 scales and shifts.
    [Test]
    public void ItHasTwoBackbonesAndExecutesOne()
    {
        using var backend = new CpuBackend();
        using var network = new SpotTuneNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend);
        ModelCost cost = network.Cost(GateTable.Decided, 224, 224), given = network.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo((2 * 21_284_672) - (9_408 + 128) + 1_208_352 + (257 * 32)));
        Assert.That(cost.ExecutedBackboneMultiplyAdds - given.ExecutedBackboneMultiplyAdds, Is.EqualTo(2_201_321_472 + (256 * 32)));
        Assert.That(given.UsedBackboneParameters, Is.EqualTo(21_284_672));

        // A training step computes both blocks of each pair: 18,529,259,520 without the stem's 118,013,952.
        Assert.That(network.MultiplyAdds(GateTable.Decided, [0, 1], 224, 224) - cost.ExecutedMultiplyAdds, Is.EqualTo(given.ExecutedBackboneMultiplyAdds - 118_013_952));
    }

    [Test]
    public void GradientsAreThoseOfCentralDifferences()
    {
        using var backend = new CpuBackend();
        using SpotTuneNetwork network = Network(backend, DType.Float64);
        (network.StraightThrough, network.Temperature) = (false, 2);
        network.Store.Group(SpotTuneNetwork.GivenGroup).Trainable = false;
        CentralDifferences.Check(network, GateTable.Decided,
            "policy.conv1.weight", "policy.blocks.1.0.conv2.weight", "policy.linear.weight", "policy.linear.bias", "tuned.blocks.0.0.conv1.weight", "tuned.ds.1.0.weight", "tuned.blocks.2.1.bn2.weight",
            "tuned.blocks.3.1.conv2.weight", "task1_fc1_c0.conv1.weight");
        Assert.That(network.Store.Group(SpotTuneNetwork.GivenGroup).Parameters.Any(static p => p.HasGradient), Is.False);
    }

    [Test]
    public void AnImageGoesThroughTheLikelierBlocks()
    {
        using var backend = new CpuBackend();
        using SpotTuneNetwork network = Network(backend, DType.Float64);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);

        // Images of different brightness.
        Tensor images = step.FromDoubles(shape, DType.Float64, [.. SmallRun.Normal(shape.Count, 7).Select((x, i) => 50 * (x + (2 * (i / (int)(shape.Count / 2)))))]);
        double[] Predict(Tensor of, GateTable gates) => network.Forward(step, new InputGroup(of, [0]), ForwardContext.Evaluation(gates))[0].ToDoubles();

        // Where every image prefers the given blocks, the network is the given one.
        Prefer(network, tuned: -50);
        double[] given = Predict(images, GateTable.Shared);
        Assert.That(Predict(images, GateTable.Decided), Is.EqualTo(given));
        Assert.That(network.DecidedCost(32, 32)!.Runs[1], Is.All.Zero);

        Prefer(network, tuned: 50);
        Assert.That(Predict(images, GateTable.Decided), Is.Not.EqualTo(given));
        network.CopyGiven();
        Assert.That(Predict(images, GateTable.Decided), Is.EqualTo(given).Within(1e-12), "the copies are the same blocks");
        Assert.That(network.DecidedCost(32, 32)!.Runs[1], Is.All.EqualTo(1));

        // Two images that choose differently are what each is alone: in every block the threshold lies between the two.
        network.Store.Initialize(5);
        double[] logits = network.Policy.Forward(step, images, training: false).ToDoubles();
        Parameter bias = network.Store["policy.linear.bias"];
        double Difference(int image, int block) => logits[(16 * image) + (2 * block) + 1] - logits[(16 * image) + (2 * block)];
        bias.Value.CopyFromDoubles([.. bias.Value.ToDoubles().Select((value, i) => i % 2 == 0 ? value : value - ((Difference(0, i / 2) + Difference(1, i / 2)) / 2))]);
        network.ClearDecisions();
        double[] both = Predict(images, GateTable.Decided);
        Assert.That(network.DecidedCost(32, 32)!.Runs[0], Is.All.EqualTo(0.5), "the images choose differently");
        double[] first = Predict(step.Slice(images, 0, 0, 1), GateTable.Decided), second = Predict(step.Slice(images, 0, 1, 1), GateTable.Decided);
        Assert.That(both, Is.EqualTo(first.Concat(second)).Within(1e-12));
    }

    [Test]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles() => Training.RequireExactResume(Config(), ["warmup", "final"]);

    [Test]
    public void TuningLeavesTheGivenWeightsAsTheyAre()
    {
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(Config(), folder, observer);
        Assert.That(observer.Phases.Select(static p => p.Key), Is.EqualTo(new[] { "warm_up", "tune" }));
        Dictionary<string, double[]> warm = Training.State(Config(), folder.Checkpoint("warmup")), final = Training.State(Config(), folder.Checkpoint("final"));
        Assert.That(warm.Where(static pair => pair.Key.StartsWith("backbone.", StringComparison.Ordinal)).All(pair => final[pair.Key].SequenceEqual(pair.Value)), Is.True);
        foreach (string name in new[] { "tuned.blocks.0.0.conv1.weight", "tuned.blocks.3.1.bn2.running_var", "policy.linear.weight", "task1_fc1_c0.conv1.weight" })
        {
            Assert.That(final[name], Is.Not.EqualTo(warm[name]), name);
        }

        DecisionCost decided = results.Final.Decisions!;
        const double Own = (1280 * 216) + (320 * ((64 * 9) + (64 * 9) + 64)) + (80 * ((128 * 9) + (256 * 9) + 128)) + (20 * ((512 * 9) + (1024 * 9) + 512)) + 512;
        Assert.That((decided.Executed, decided.Passes, decided.Expected), Is.EqualTo((Own + TinyTraining.Pass, Own + (2 * TinyTraining.Pass), Own + (2 * TinyTraining.Pass))));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void GivenWeightsAreReadAndCopied()
    {
        RunFolder trained = Training.NewFolder(), folder = Training.NewFolder(), broken = Training.NewFolder();
        Training.Train(TinyTraining.Config("hard_sharing"), trained);
        Dictionary<string, double[]> given = Training.State(TinyTraining.Config("hard_sharing"), trained.Checkpoint("final"));
        RunConfig config = Config();
        config.Options<SpotTuneOptions>().StartFrom = trained.Path;

        // With rates of next to nothing a run keeps the weights that it starts from.
        (config.Train.Lr, config.Train.BackboneLr, config.Train.WeightDecay) = (1e-30, 1e-30, 0);
        var observer = new Recorder();
        Training.Train(config, folder, observer);
        Assert.That(observer.Phases.Select(static p => p.Key), Is.EqualTo(new[] { "tune" }));
        Dictionary<string, double[]> final = Training.State(config, folder.Checkpoint("final"));
        foreach ((string name, double[] values) in given.Where(static pair => pair.Key.StartsWith("backbone.", StringComparison.Ordinal)))
        {
            Assert.That(final[name], Is.EqualTo(values), name);
            if (name.EndsWith("conv1.weight", StringComparison.Ordinal) && name.Contains("blocks", StringComparison.Ordinal))
            {
                Assert.That(final["tuned" + name["backbone".Length..]], Is.EqualTo(values), name);
            }
        }

        // A run that was stopped goes on without the weights that it started from; a checkpoint serves as well as a folder.
        config.Options<SpotTuneOptions>().StartFrom = trained.Checkpoint("final");
        using var source = new CancellationTokenSource();
        Assert.That(() => Training.Train(config, broken, new Recorder { OnStep = _ => source.Cancel() }, stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Directory.Delete(trained.Path, recursive: true);
        Training.Train(config, broken, resume: true);
        Assert.That(File.ReadAllBytes(broken.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(folder.Checkpoint("final"))));
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        void Refused(Action<SpotTuneOptions> change, string message)
        {
            RunConfig config = Config();
            change(config.Options<SpotTuneOptions>());
            Assert.That(() => MethodRegistry.Get("spottune").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
        }

        Refused(static o => o.StartFrom = " ", "spottune.start_from is empty; expected the folder of a run");
        Refused(static o => o.WarmUpIters = -1, "spottune.warm_up_iters is -1; expected 0 or more");
        Refused(static o => o.Temperature = 0, "spottune.temperature is 0; expected a temperature above 0");
        Refused(static o => o.RateFactor = 0, "spottune.rate_factor");

        RunFolder single = Training.NewFolder(), deep = Training.NewFolder();
        RunConfig one = TinyTraining.Config("single_task"), resNet34 = TinyTraining.Config("hard_sharing");
        (one.Train.RetrainTotalIters, resNet34.Train.RetrainTotalIters, resNet34.Backbone) = (1, 1, "ResNet34");
        Training.Train(one, single);
        Training.Train(resNet34, deep);
        Unfit("/nowhere/at/all", "there is no such folder or file");
        Unfit(Path.GetTempPath(), "the folder has no checkpoints");
        Unfit(single.Path, "it has no backbone that all tasks share");
        Unfit(deep.Path, "its backbone has backbone.blocks.0.2.");
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);

        void Unfit(string path, string why)
        {
            RunConfig config = Config();
            config.Options<SpotTuneOptions>().StartFrom = path;
            var observer = new Recorder { OnStep = static _ => Assert.Fail("nothing is trained before the weights are there") };
            Assert.That(() => Training.Train(config, Training.NewFolder(), observer), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith($"spottune.start_from is {path}: ").And.Message.Contains(why));
        }
    }

    private static void Prefer(SpotTuneNetwork network, double tuned)
    {
        network.ClearDecisions();
        network.Store["policy.linear.weight"].Value.CopyFromDoubles(new double[network.Store["policy.linear.weight"].Count]);
        Parameter bias = network.Store["policy.linear.bias"];
        bias.Value.CopyFromDoubles([.. Enumerable.Range(0, (int)bias.Count).Select(i => i % 2 == 1 ? tuned : 0)]);
    }

    private static RunConfig Config()
    {
        RunConfig config = TinyTraining.Config("spottune");
        config.Options<SpotTuneOptions>().WarmUpIters = 3;
        return config;
    }

    private static SpotTuneNetwork Network(CpuBackend backend, DType type)
    {
        var network = new SpotTuneNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0), backend, type);
        network.Store.Initialize(88);
        return network;
    }
}
