using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.BlockDrop;
using AdaShare.Native.Methods.Tests.Decisions;

namespace AdaShare.Native.Methods.Tests.BlockDrop;

/// <summary>BlockDrop: sizes, rewards, draws, gradients, runs.</summary>
public sealed class BlockDropTests : TrainingTests
{
    [Test]
    public void ItsPolicyNetworkHasALogitForEachBlock()
    {
        using var backend = new CpuBackend();
        using var network = new BlockDropNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend);
        Assert.That(LayerCost.Parameters(network.PolicyGroup), Is.EqualTo(1_208_352 + (257 * 16)));

        // 2,201,321,472 multiply-adds of convolutions, and the linear layer's; the backbone at most once for all tasks.
        ModelCost cost = network.Cost(GateTable.Decided, 224, 224), hard = network.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.ExecutedBackboneMultiplyAdds - hard.ExecutedBackboneMultiplyAdds, Is.EqualTo(2_201_321_472 + (256 * 16)));
        Assert.That(cost.UsedBackboneParameters, Is.EqualTo(21_284_672 + 1_208_352 + (257 * 16)));
    }

    [Test]
    public void AnImageIsRewardedForSkippingWhereItIsRightAndPunishedWhereNot()
    {
        using var backend = new CpuBackend();
        using BlockDropNetwork network = Network(backend, DType.Float32);
        var reward = new BlockDropReward(network, tolerance: 0.5, penalty: 3, entropy: 0);
        bool[] half = [true, false, true, false, true, false, true, false];
        Assert.That(reward.Reward(half, loss: 1.5, whole: 1), Is.EqualTo(0.75));
        Assert.That(reward.Reward(half, loss: 1.5001, whole: 1), Is.EqualTo(-3));
        Assert.That(reward.Reward([.. Enumerable.Repeat(true, 8)], loss: 0, whole: 0), Is.Zero);
    }

    [Test]
    public void BlocksAreDrawnWithTheBoundedProbability()
    {
        using var backend = new CpuBackend();
        using BlockDropNetwork network = Network(backend, DType.Float32);
        (network.Alpha, network.OpenBlocks) = (0.8, 3);
        var runs = new int[8];
        double[] expected = new double[8];
        const int Draws = 150;
        for (int time = 0; time < Draws; time++)
        {
            using var step = new Step(backend, recordGradients: false);
            Shape shape = Runs.SmallRun.Images(4, 16);
            Tensor images = step.FromDoubles(shape, DType.Float32, [.. Runs.SmallRun.Normal(shape.Count, 7).Select(static x => 50 * x)]);
            network.Forward(step, new InputGroup(images, [0, 1]), new ForwardContext(GateTable.Decided, Training: false, Seed: 5, Time: time) { Samples = true });
            for (int b = 0; b < 8; b++)
            {
                runs[b] += network.LastRuns.Count(image => image[b]);
                expected[b] += network.Last!.Probability!.Sum(image => b < 5 ? 1 : (0.6 * image[0][b]) + 0.2);
            }
        }

        Assert.That(runs[..5], Is.All.EqualTo(4 * Draws));

        // Five standard deviations of 600 draws are below 62.
        for (int b = 5; b < 8; b++)
        {
            Assert.That(runs[b], Is.EqualTo(expected[b]).Within(62), $"block {b}");
        }
    }

    [Test]
    public void BoundedProbabilitiesStayAwayFromZeroAndAddUpToOne()
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend);
        double[] bounded = BlockDropReward.Bounded(step, step.FromDoubles(new Shape(1, 3), DType.Float64, [-50, 0, 50]), 0.8).ToDoubles();
        Assert.That(bounded, Is.EqualTo(new[] { 0.2, 0.8, 0.5, 0.5, 0.8, 0.2 }).Within(1e-12));
    }

    // The gates of an image are 0 or 1: gradients reach the weights of the blocks that it runs, and the policy network none.
    [Test]
    public void GradientsOfTheWeightsAreThoseOfCentralDifferences()
    {
        using var backend = new CpuBackend();
        using BlockDropNetwork network = Network(backend, DType.Float64);
        var gates = BlockDropNetwork.Gates([[true, true, false, true, true, false, true, true], [true, false, false, true, false, true, true, true]]);
        CentralDifferences.Check(network, gates, "backbone.conv1.weight", "backbone.blocks.0.1.conv1.weight", "backbone.blocks.2.0.bn2.weight", "backbone.blocks.2.1.conv2.weight", "backbone.ds.2.0.weight", "task2_fc1_c1.conv3.bias");
        Assert.That(network.PolicyGroup.Parameters.Any(static p => p.HasGradient), Is.False);
    }

    [Test]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles() => Training.RequireExactResume(Config(), ["warmup", "policy", "final"]);

    [Test]
    public void TheThreePhasesMoveWhatIsTheirs()
    {
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(Config(), folder, observer);
        Assert.That(observer.Phases.Select(static p => p.Key), Is.EqualTo(new[] { "warm_up", "policy", "joint" }));
        Assert.That(observer.Steps.Where(static s => s.Phase.Key == "policy").Select(static s => s.Details[0].Value), Is.EqualTo(new double[] { 1, 1, 2, 2, 3, 3, 4, 4 }));
        Assert.That(observer.Steps.Where(static s => s.Phase.Key == "policy").SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "reinforce", "entropy" }));
        Assert.That(observer.Steps.Where(static s => s.Phase.Key == "joint").SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "reinforce" }));
        Assert.That(observer.Notices, Has.Some.Contains("4 of 8 decisions open"));
        Dictionary<string, double[]> warm = Training.State(Config(), folder.Checkpoint("warmup")), policy = Training.State(Config(), folder.Checkpoint("policy")), final = Training.State(Config(), folder.Checkpoint("final"));
        Assert.That(warm.Where(pair => !pair.Key.StartsWith("policy.", StringComparison.Ordinal)).All(pair => policy[pair.Key].SequenceEqual(pair.Value)), Is.True, "the policy's training moves no weight and no statistic");
        Assert.That(policy["policy.linear.weight"], Is.Not.EqualTo(warm["policy.linear.weight"]));
        Assert.That(final["policy.conv1.weight"], Is.Not.EqualTo(policy["policy.conv1.weight"]), "both move together");
        Assert.That(final["backbone.conv1.weight"], Is.Not.EqualTo(policy["backbone.conv1.weight"]));

        // One pass for both tasks: 216 x 1,280 and the other convolutions of the policy network, 32 x 8 of its linear layer.
        const double Own = (1280 * 216) + (320 * ((64 * 9) + (64 * 9) + 64)) + (80 * ((128 * 9) + (256 * 9) + 128)) + (20 * ((512 * 9) + (1024 * 9) + 512)) + 256;
        DecisionCost decided = results.Final.Decisions!;
        double bodies = decided.Runs[0].Select(static (share, b) => share * TinyTraining.Bodies[b]).Sum();
        Assert.That(decided.Executed, Is.EqualTo(Own + TinyTraining.Stem + TinyTraining.Projections.Sum() + bodies).Within(1e-6));
        Assert.That(decided.Passes - Own, Is.EqualTo(2 * (decided.Executed - Own)).Within(1e-6));
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo((long)Math.Round(decided.Executed)));
        Assert.That(MethodRegistry.Get("blockdrop").StepsBefore(Config()), Is.EqualTo(observer.Steps.Count - TinyTraining.Steps));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        void Refused(Action<BlockDropOptions> change, string message)
        {
            RunConfig config = Config();
            change(config.Options<BlockDropOptions>());
            Assert.That(() => MethodRegistry.Get("blockdrop").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
        }

        Refused(static o => o.WarmUpIters = 11, "blockdrop.warm_up_iters is 11; expected 0 to train.total_iters (10)");
        Refused(static o => o.OpenIters = 0, "blockdrop.open_iters is 0; expected 1 or more");
        Refused(static o => o.Alpha = 0.5, "blockdrop.alpha is 0.5; expected a share above 0.5 and below 1");
        Refused(static o => o.Entropy = -1, "blockdrop.entropy");
        Refused(static o => o.PolicyLr = 0, "blockdrop.policy_lr");
        Refused(static o => o.Tolerance = -0.1, "blockdrop.tolerance");
        Refused(static o => o.Penalty = double.NaN, "blockdrop.penalty");
        Refused(static o => o.JointPenalty = -5, "blockdrop.joint_penalty");
        Refused(static o => o.RateFactor = 0, "blockdrop.rate_factor");
    }

    private static RunConfig Config()
    {
        RunConfig config = TinyTraining.Config("blockdrop");
        BlockDropOptions options = config.Options<BlockDropOptions>();
        (options.WarmUpIters, options.OpenIters) = (2, 2);
        return config;
    }

    private static BlockDropNetwork Network(CpuBackend backend, DType type)
    {
        var network = new BlockDropNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0), backend, type);
        network.Store.Initialize(88);
        network.OpenBlocks = 8;
        return network;
    }
}
