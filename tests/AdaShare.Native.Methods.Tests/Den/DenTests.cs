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
using AdaShare.Native.Learning.Tests.Execution;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.Den;
using AdaShare.Native.Methods.Tests.Decisions;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Den;

/// <summary>Deep elastic networks: sizes, levels, rewards, gradients, runs.</summary>
public sealed class DenTests : TrainingTests
{
    // The backbone's 21,284,672, the selector's 1,208,352 and 257 x 64; the published 1.12 backbones count 1,350,272 of a copy that never runs, and batch norms' statistics.
    [Test]
    public void ItIsABackboneAndASelector()
    {
        using var backend = new CpuBackend();
        var spec = new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0);
        using var network = new DenNetwork(spec, backend);
        using var shared = new SharedNetwork(spec, backend);
        ModelCost cost = network.Cost(GateTable.Decided, 224, 224), whole = network.Cost(GateTable.Shared, 224, 224), hard = shared.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo(21_284_672 + 1_208_352 + 16_448));
        Assert.That(whole.UsedBackboneParameters, Is.EqualTo(21_284_672));
        Assert.That((whole.ExecutedBackboneMultiplyAdds, whole.PassesBackboneMultiplyAdds, whole.FullBackboneMultiplyAdds), Is.EqualTo((hard.ExecutedBackboneMultiplyAdds, hard.PassesBackboneMultiplyAdds, hard.FullBackboneMultiplyAdds)));
        Assert.That(cost.PassesBackboneMultiplyAdds - whole.PassesBackboneMultiplyAdds, Is.EqualTo(2_201_321_472 + (256 * 64)));
        Assert.That((21_284_672 + 1_208_352 + 1_350_272 + 16_448) / 21_284_672.0, Is.EqualTo(1.12).Within(0.005), "what the paper's figure counts");
    }

    [Test]
    public void WithEveryChannelItIsAnOrdinaryNetwork([Values] bool training)
    {
        using var backend = new CpuBackend();
        var spec = new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0);
        using var network = new DenNetwork(spec, backend, DType.Float64);
        using var shared = new SharedNetwork(spec, backend, DType.Float64);
        shared.Store.Initialize(3);
        Copy(shared.Store, network.Store);
        using var step = new Step(backend, recordGradients: false);
        Tensor images = Images(step, 2);
        var context = new ForwardContext(GateTable.Shared, training);
        IReadOnlyList<Tensor> expected = shared.Forward(step, new InputGroup(images, [0, 1]), context), found = network.Forward(step, new InputGroup(images, [0, 1]), context);
        for (int t = 0; t < 2; t++)
        {
            double[] values = expected[t].ToDoubles();
            Assert.That(found[t].ToDoubles(), Is.EqualTo(values).Within(1e-10 * values.Max(Math.Abs)));
        }
    }

    [Test]
    public void AtALevelTheOtherChannelsAreAsIfTheyWereNot([Values] bool training, [Range(0, 3)] int level)
    {
        using var backend = new CpuBackend();
        using DenNetwork network = Network(backend);
        using var step = new Step(backend, recordGradients: false);
        Tensor images = Images(step, 3);
        int[] levels = [3, 2, 3, level, 1, level, 3, 3];
        Prefer(network, levels);
        double[] masked = Predict(step, network, images, new ForwardContext(GateTable.Decided, training));
        Assert.That(network.LastLevels, Is.All.EqualTo(levels));
        foreach ((int block, int own) in levels.Index())
        {
            for (int group = own; group < 3; group++)
            {
                Parameter second = network.Store[$"backbone.blocks.{block / 2}.{block % 2}.conv2.{group}.weight"];
                second.Value.CopyFromDoubles(new double[second.Count]);
            }
        }

        double[] without = Predict(step, network, images, new ForwardContext(GateTable.Shared, training));
        Assert.That(masked, Is.EqualTo(without).Within(1e-10 * without.Max(Math.Abs)));
    }

    [Test]
    public void ImagesOfDifferentLevelsAreWhatEachIsAloneAndCostWhatTheyRun()
    {
        using var backend = new CountingBackend();
        using DenNetwork network = Network(backend);
        network.Store["policy.linear.weight"].Value.CopyFromDoubles([.. SmallRun.Normal(network.Store["policy.linear.weight"].Count, 3).Select(static x => 5 * x)]);
        using var step = new Step(backend, recordGradients: false);
        Tensor images = Images(step, 2);
        long before = backend.ForwardMultiplyAdds;
        double[] both = Predict(step, network, images, ForwardContext.Evaluation(GateTable.Decided));
        long spent = backend.ForwardMultiplyAdds - before;
        int[][] levels = network.LastLevels;
        Assert.That(levels[0], Is.Not.EqualTo(levels[1]));
        Assert.That(levels.SelectMany(static own => own).Distinct().Count(), Is.GreaterThan(2));
        DecisionCost cost = network.DecidedCost(32, 40)!;
        long heads = network.Cost(GateTable.Shared, 32, 40).HeadMultiplyAdds;
        const long Linear = 32 * 32;
        Assert.That(spent, Is.EqualTo((2 * ((long)cost.Executed + heads - Linear)) - Others(network)).Within(1), "convolutions of one task's head, and no linear layer, are counted");
        double[] expected = [.. TinyTraining.Bodies.Select((body, b) => body * levels.Average(own => new[] { 0, 0.25, 0.5, 1 }[own[b]]))];
        Assert.That(cost.Executed, Is.EqualTo(network.Selector.MultiplyAdds(new Shape(1, 32, 40, 3)) + TinyTraining.Stem + TinyTraining.Projections.Sum() + expected.Sum()).Within(1e-6));
        double[] first = Predict(step, network, step.Slice(images, 0, 0, 1), ForwardContext.Evaluation(GateTable.Decided)), second = Predict(step, network, step.Slice(images, 0, 1, 1), ForwardContext.Evaluation(GateTable.Decided));
        Assert.That(both, Is.EqualTo(first.Concat(second)).Within(1e-12));

        // Only the first task is predicted.
        static long Others(DenNetwork network) => 2 * (network.MultiplyAdds(GateTable.Shared, [0, 1], 32, 40) - network.MultiplyAdds(GateTable.Shared, [0], 32, 40));
    }

    [Test]
    public void GradientsAreThoseOfCentralDifferences()
    {
        using var backend = new CpuBackend();
        using DenNetwork network = Network(backend);
        (network.Source, network.WholeShare) = (LevelSource.Random, 0.5);
        CentralDifferences.Check(network, GateTable.Decided, "backbone.conv1.weight", "backbone.blocks.0.0.conv1.0.weight", "backbone.blocks.1.1.bn1.1.weight", "backbone.blocks.2.0.conv2.2.weight", "backbone.blocks.3.1.bn2.bias",
            "backbone.ds.3.0.weight", "task1_fc1_c0.conv1.weight");
        Assert.That(network.LastLevels[0], Is.All.EqualTo(3), "the first half is whole");
        Assert.That(network.LastLevels[1], Is.Not.All.EqualTo(3));
    }

    [Test]
    public void RewardsFollowDensityAndLoss()
    {
        using var backend = new CpuBackend();
        using DenNetwork network = Network(backend);
        var reward = new DenReward(network, rho: 10);
        Assert.That(DenNetwork.Density([0, 1, 2, 3]), Is.EqualTo(0.4375));
        Assert.That(reward.Reward([0, 1, 2, 3], loss: 0.5), Is.EqualTo(((1 - (0.4375 * 0.4375)) / 10) + 0.5).Within(1e-15));
        Assert.That(reward.Reward([3, 3], loss: 1), Is.Zero);
    }

    [Test]
    public void LevelsAreDrawnFromTheMixedDistribution()
    {
        using var backend = new CpuBackend();
        using DenNetwork network = Network(backend);
        (network.Source, network.Exploration) = (LevelSource.Drawn, 0.3);
        int[] drawn = new int[4];
        double[] expected = new double[4];
        for (int time = 0; time < 60; time++)
        {
            using var step = new Step(backend, recordGradients: false);
            network.Forward(step, new InputGroup(Images(step, 2, 16), [0]), new ForwardContext(GateTable.Decided, Training: false, Seed: 5, Time: time) { Samples = true });
            double[] probability = network.LastProbability!.ToDoubles();
            Assert.That(probability.Chunk(4).Select(static four => four.Sum()), Is.All.EqualTo(1).Within(1e-9));
            Assert.That(probability, Is.All.GreaterThan(0.3 / 11), "the random part alone gives each level at least 1 / (1 + 3 e)");
            for (int i = 0; i < 64; i++)
            {
                expected[i % 4] += probability[i];
                if (i % 4 == 0)
                {
                    drawn[network.LastLevels[i / 32][i / 4 % 8]]++;
                }
            }
        }

        // Five standard deviations of 960 draws are below 78.
        Assert.That(drawn.Select(static count => (double)count), Is.EqualTo(expected).Within(78));
    }

    [Test]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles() => Training.RequireExactResume(Config(), ["warmup", "selector", "adapted", "final"]);

    [Test]
    public void SelectorAndNetworkAreTrainedInTurns()
    {
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(Config(), folder, observer);
        Assert.That(observer.Phases.Select(static p => (p.Key, p.Index)), Is.EqualTo(new[] { ("warm_up", 0), ("select", 0), ("adapt", 0), ("select", 1), ("train", 0) }));
        Assert.That(observer.Steps.Where(static s => s.Phase.Key == "select").SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "reinforce" }));
        Assert.That(MethodRegistry.Get("den").StepsBefore(Config()), Is.EqualTo(observer.Steps.Count - TinyTraining.Steps));
        Dictionary<string, double[]> adapted = Training.State(Config(), folder.Checkpoint("adapted")), selected = Training.State(Config(), folder.Checkpoint("selector")), final = Training.State(Config(), folder.Checkpoint("final"));
        foreach ((string name, double[] values) in selected)
        {
            bool ofSelector = name.StartsWith("policy.", StringComparison.Ordinal);
            Assert.That(ofSelector || adapted[name].SequenceEqual(values), Is.True, $"{name} moves only with the network");
            Assert.That(!ofSelector || final[name].SequenceEqual(values), Is.True, $"{name} moves only with the selector");
        }

        Assert.That(selected["policy.linear.weight"], Is.Not.EqualTo(adapted["policy.linear.weight"]));
        Assert.That(final["backbone.conv1.weight"], Is.Not.EqualTo(selected["backbone.conv1.weight"]));
        DecisionCost decided = results.Final.Decisions!;
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo((long)Math.Round(decided.Executed)));
        Assert.That(decided.Runs[0].Concat(decided.Probability[1]), Is.All.InRange(0, 1));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        void Refused(Action<DenOptions> change, string message)
        {
            RunConfig config = Config();
            change(config.Options<DenOptions>());
            Assert.That(() => MethodRegistry.Get("den").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
        }

        Refused(static o => o.WarmUpIters = -1, "den.warm_up_iters is -1; expected 0 or more");
        Refused(static o => o.WholeShare = 1.1, "den.whole_share is 1.1; expected a share from 0 to 1");
        Refused(static o => o.Rounds = 0, "den.rounds is 0; expected 1 or more");
        Refused(static o => o.SelectorIters = -1, "den.selector_iters");
        Refused(static o => o.EstimatorIters = -1, "den.estimator_iters");
        Refused(static o => o.SelectorLr = 0, "den.selector_lr");
        Refused(static o => o.Rho = 0, "den.rho is 0; expected a number above 0");
        Refused(static o => o.ExplorationDecay = 2, "den.exploration_decay");
        using var backend = new CpuBackend();
        using DenNetwork network = Network(backend);
        using var step = new Step(backend);
        Assert.That(() => network.Forward(step, new InputGroup(Images(step, 1), [0]), ForwardContext.Evaluation(BlockPolicy.AllOn(2, 8).ToGates())), Throws.ArgumentException.With.Message.Contains("has no gates"));
    }

    /// <summary>Copies an ordinary network: of a first convolution a quarter, a quarter and a half of the outputs, of the second of the inputs.</summary>
    private static void Copy(ParameterStore from, ParameterStore to)
    {
        foreach (Parameter parameter in to.Parameters)
        {
            string name = parameter.Name;
            if (name.StartsWith("policy.", StringComparison.Ordinal))
            {
                continue;
            }

            string[] parts = name.Split('.');
            if (parts.Length < 7)
            {
                parameter.Value.CopyFromDoubles(from[name].Value.ToDoubles());
                continue;
            }

            // backbone.blocks.S.B.LAYER.GROUP.NAME
            Parameter whole = from[string.Join('.', parts.Where((_, i) => i != 5))];
            double[] values = whole.Value.ToDoubles();
            int outputs = whole.Shape[0], group = int.Parse(parts[5]), first = group * outputs / 4, count = group == 2 ? outputs / 2 : outputs / 4;
            long row = whole.Count / outputs, one = whole.Shape.Rank == 4 ? 9 : 1;
            parameter.Value.CopyFromDoubles(parts[4] == "conv2"
                ? [.. Enumerable.Range(0, outputs).SelectMany(o => values.AsSpan((int)((o * row) + (first * one)), (int)(count * one)).ToArray())]
                : values.AsSpan((int)(first * row), (int)(count * row)));
        }
    }

    private static void Prefer(DenNetwork network, int[] levels)
    {
        network.Store["policy.linear.weight"].Value.CopyFromDoubles(new double[network.Store["policy.linear.weight"].Count]);
        network.Store["policy.linear.bias"].Value.CopyFromDoubles([.. levels.SelectMany(static level => Enumerable.Range(0, 4).Select(other => other == level ? 1.0 : 0))]);
    }

    private static double[] Predict(Step step, DenNetwork network, Tensor images, ForwardContext context) => network.Forward(step, new InputGroup(images, [0]), context)[0].ToDoubles();

    private static Tensor Images(Step step, int count, int rows = 32)
    {
        var shape = new Shape(count, rows, 40, 3);

        // Images of different brightness.
        return step.FromDoubles(shape, DType.Float64, [.. SmallRun.Normal(shape.Count, 7).Select((x, i) => 50 * (x + (2 * (i / (rows * 40 * 3)))))]);
    }

    private static RunConfig Config()
    {
        RunConfig config = TinyTraining.Config("den");
        DenOptions options = config.Options<DenOptions>();
        (options.WarmUpIters, options.SelectorIters, options.EstimatorIters) = (3, 2, 2);
        return config;
    }

    private static DenNetwork Network(Engine.Backends.Backend backend)
    {
        var network = new DenNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0), backend, DType.Float64);
        network.Store.Initialize(88);
        return network;
    }
}
