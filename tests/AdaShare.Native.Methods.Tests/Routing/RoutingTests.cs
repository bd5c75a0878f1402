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
using AdaShare.Native.Methods.Routing;
using AdaShare.Native.Methods.Tests.Decisions;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Routing;

/// <summary>Routing networks: sizes, ways, what agents learn, gradients, runs.</summary>
public sealed class RoutingTests : TrainingTests
{
    // The last stage of a ResNet-34: 3 x 3 x 256 x 512 and five of 3 x 3 x 512 x 512, six batch norms, a projection of 256 x 512 with its batch norm.
    [Test]
    public void ItHasTheLastStageOnceForEachTask()
    {
        using var backend = new CpuBackend();
        const long Stage = (9 * 256 * 512) + (5 * 9 * 512 * 512) + (6 * 1024) + (256 * 512) + 1024;
        using (var network = new RoutingNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend, new RoutingOptions()))
        {
            Assert.That(LayerCost.Parameters(network.BackboneGroup), Is.EqualTo(21_284_672 + Stage));
            Assert.That(network.Cost(GateTable.Decided, 224, 224).BackboneParameters, Is.EqualTo(21_284_672 + Stage + (2 * 3 * 2 * 2)), "for each task, depth and function block a logit and a worth");
        }

        using var shared = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend);
        using var mlp = new RoutingNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend, new RoutingOptions { Agent = "mlp", FunctionBlocks = 3 });
        ModelCost cost = mlp.Cost(GateTable.Decided, 224, 224), hard = shared.Cost(GateTable.Shared, 224, 224);
        const long Agents = 2 * ((256 * 64) + (2 * 512 * 64) + (3 * 64 * 3));
        Assert.That(cost.PassesBackboneMultiplyAdds, Is.EqualTo(hard.PassesBackboneMultiplyAdds + Agents));
        Assert.That(LayerCost.Parameters(mlp.BackboneGroup), Is.EqualTo(21_284_672 + (2 * Stage)));
    }

    [Test]
    public void GradientsAreThoseOfCentralDifferences()
    {
        using var backend = new CpuBackend();
        using RoutingNetwork network = Network(backend, new RoutingOptions { Stages = 2 });
        string Taken(int task, int depth) => $"function.{network.Last.Single(d => d.Task == task && d.Depth == depth).Chosen[0]}.blocks.{2 + (depth / 2)}.{depth % 2}";
        using (var step = new Step(backend, recordGradients: false))
        {
            network.Forward(step, new InputGroup(Images(step, 2, 24), [0, 1]), new ForwardContext(GateTable.Decided, Training: true, Seed: 88));
        }

        Assert.That(network.Last.Any(d => d.Chosen[0] != d.Chosen[1]), Is.True, "images go different ways");
        CentralDifferences.Check(network, GateTable.Decided, "backbone.conv1.weight", "backbone.blocks.1.1.conv2.weight", Taken(0, 0) + ".conv1.weight", Taken(1, 1) + ".bn2.weight", Taken(0, 2) + ".conv2.weight", Taken(1, 3) + ".bn1.bias", "task1_fc1_c0.conv1.weight");
    }

    [Test]
    public void EveryTaskAndImageGoesItsWayAndWhatIsTheSameIsComputedOnce([Values("tabular", "mlp")] string agent)
    {
        using var backend = new CountingBackend();
        using RoutingNetwork network = Network(backend, new RoutingOptions { Stages = 2, FunctionBlocks = 3, Agent = agent });
        using var step = new Step(backend, recordGradients: false);
        Tensor images = Images(step, 3, 32);
        int[] both = [0, 1];

        // Drawn, in evaluation mode: each image and task is what it is alone along its way.
        var drawn = new ForwardContext(GateTable.Decided, Training: false, Seed: 9) { Samples = true };
        long before = backend.ForwardMultiplyAdds;
        Tensor[] together = [.. network.Forward(step, new InputGroup(images, both), drawn)];
        long spent = backend.ForwardMultiplyAdds - before;
        IReadOnlyList<RoutingDecision> decisions = network.Last;
        string Way(int task, int image, int depths) => string.Concat(decisions.Where(d => d.Task == task && d.Depth < depths).OrderBy(static d => d.Depth).Select(d => d.Chosen[image]));
        Assert.That(both.SelectMany(t => Enumerable.Range(0, 3).Select(i => Way(t, i, 4))).Distinct().Count(), Is.GreaterThan(2));

        // 32 x 40 pixels: stem and blocks of the shared stages, then a block with its projection for each distinct way of an image.
        long always = TinyTraining.Stem + TinyTraining.Bodies[..4].Sum() + TinyTraining.Projections[..4].Sum(), routed = 0;
        for (int depth = 0; depth < 4; depth++)
        {
            int distinct = Enumerable.Range(0, 3).Sum(i => both.Select(t => Way(t, i, depth + 1)).Distinct().Count());
            routed += distinct * (TinyTraining.Bodies[4 + depth] + TinyTraining.Projections[4 + depth]);
        }

        long heads = network.Cost(GateTable.Decided, 32, 40).HeadMultiplyAdds;
        Assert.That(spent, Is.EqualTo((3 * (always + heads)) + routed));
        foreach (int t in both)
        {
            for (int i = 0; i < 3; i++)
            {
                // The table of a network that prefers this very way.
                using RoutingNetwork fixedWay = Network(backend, new RoutingOptions { Stages = 2, FunctionBlocks = 3 });
                foreach (Parameter parameter in fixedWay.Store.Parameters.Where(p => !p.Name.StartsWith("agent.", StringComparison.Ordinal)))
                {
                    parameter.Value.CopyFromDoubles(network.Store[parameter.Name].Value.ToDoubles());
                }

                string way = Way(t, i, 4);
                for (int depth = 0; depth < 4; depth++)
                {
                    int d = depth;
                    fixedWay.Store[$"agent.{TwoTasks[t].Name}.{depth}.logits"].Value.CopyFromDoubles([.. Enumerable.Range(0, 3).Select(m => m == way[d] - '0' ? 1.0 : 0)]);
                }

                double[] expected = fixedWay.Forward(step, new InputGroup(step.Slice(images, 0, i, 1), [t]), ForwardContext.Evaluation(GateTable.Decided))[0].ToDoubles();
                double[] found = together[t].ToDoubles()[(i * expected.Length)..((i + 1) * expected.Length)];
                Assert.That(found, Is.EqualTo(expected).Within(1e-10 * expected.Max(Math.Abs)), $"task {t}, image {i}");
            }
        }
    }

    [Test]
    public void TheWeightedPolicyLearnerMovesProbabilitiesTowardsWhatIsBetter()
    {
        Assert.That(RoutingReward.Weight(2, 0.25), Is.EqualTo(1.5));
        Assert.That(RoutingReward.Weight(-2, 0.25), Is.EqualTo(-0.5));

        // Along its gradient the probability of a choice that was better than thought rises, whatever the size of the advantage; with logarithms it would fall for small ones.
        using var backend = new CpuBackend();
        foreach (double advantage in new[] { 0.01, 0.5, 3, -0.01, -0.5, -3 })
        {
            using var store = new ParameterStore();
            Parameter logits = store.Group("logits").Add("logits", new Shape(1, 3), Initializers.Normal(0, 1));
            store.Allocate(backend, DType.Float64);
            store.Initialize(3);
            using var step = new Step(backend);
            Tensor probability = step.Softmax(logits.Value);
            double[] q = probability.ToDoubles();
            step.Backward(step.Sum(step.Multiply(probability, step.FromDoubles(new Shape(1, 3), DType.Float64, [0, -RoutingReward.Weight(advantage, q[1]), 0]))));
            double[] moved = [.. logits.Value.ToDoubles().Zip(logits.Gradient.ToDoubles(), static (z, g) => Math.Exp(z - (0.01 * g)))];
            Assert.That(Math.Sign((moved[1] / moved.Sum()) - q[1]), Is.EqualTo(Math.Sign(advantage)));
        }
    }

    [TestCase("tabular")]
    [TestCase("mlp")]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles(string agent)
    {
        RunConfig config = Config();
        config.Options<RoutingOptions>().Agent = agent;
        Training.RequireExactResume(config, ["final"]);
    }

    [Test]
    public void AgentsLearnBesideTheWeights()
    {
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(Config(), folder, observer);
        Assert.That(observer.Steps.SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "policy", "value" }));
        Dictionary<string, double[]> final = Training.State(Config(), folder.Checkpoint("final"));
        Assert.That(final["agent.seg.0.logits"], Has.Some.Not.Zero);
        Assert.That(final["agent.sn.1.value"], Has.Some.Negative, "losses are negative returns");

        // The bonus is at most collaboration for each of two depths; the returns of a first step are what values are compared with.
        StepRecord first = observer.Steps[0];
        double seg = first.Losses["seg"], sn = first.Losses["sn"], bonus = 0.3 * 0.5;
        Assert.That(first.Losses["value"], Is.GreaterThan(2 * (Math.Pow(Math.Max(0, seg - (2 * bonus)), 2) + Math.Pow(Math.Max(0, sn - (2 * bonus)), 2)) * 0.9));
        DecisionCost decided = results.Final.Decisions!;
        Assert.That(decided.Runs.Select(static row => row.Length), Is.All.EqualTo(4), "two depths of two function blocks");
        Assert.That(decided.Runs.SelectMany(static row => row.Chunk(2).Select(static pair => pair.Sum())), Is.All.EqualTo(1));
        Assert.That(decided.Passes, Is.EqualTo(2 * TinyTraining.Pass));
        Assert.That(decided.Executed, Is.InRange(TinyTraining.Pass, 2 * TinyTraining.Pass));
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo((long)Math.Round(decided.Executed)));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void RecomputedBlocksGiveTheSameRun()
    {
        RunFolder kept = Training.NewFolder(), again = Training.NewFolder();
        RunConfig config = Config();
        Training.Train(config, kept);
        config.Train.Recompute = "blocks";
        Training.Train(config, again);
        Assert.That(File.ReadAllBytes(again.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(kept.Checkpoint("final"))));
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        void Refused(Action<RoutingOptions> change, string message)
        {
            RunConfig config = Config();
            change(config.Options<RoutingOptions>());
            Assert.That(() => MethodRegistry.Get("routing").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(message));
        }

        Refused(static o => o.Stages = 5, "routing.stages is 5; expected 1 to 4, the stages of ResNet18");
        Refused(static o => o.FunctionBlocks = 0, "routing.function_blocks is 0; expected 1 or more");
        Refused(static o => o.Agent = "oracle", "routing.agent is oracle; expected one of tabular, mlp");
        Refused(static o => o.Hidden = 0, "routing.hidden");
        Refused(static o => o.Collaboration = -1, "routing.collaboration");
        Refused(static o => o.RateFactor = 0, "routing.rate_factor");
        using var backend = new CpuBackend();
        using RoutingNetwork network = Network(backend, new RoutingOptions());
        using var step = new Step(backend);
        Assert.That(() => network.Forward(step, new InputGroup(Images(step, 1, 16), [0]), ForwardContext.Evaluation(GateTable.Shared)), Throws.ArgumentException.With.Message.Contains("its agents decide"));
    }

    private static Tensor Images(Step step, int count, int rows)
    {
        var shape = new Shape(count, rows, rows == 32 ? 40 : rows, 3);
        return step.FromDoubles(shape, DType.Float64, [.. SmallRun.Normal(shape.Count, 7).Select(static x => 50 * x)]);
    }

    private static RunConfig Config() => TinyTraining.Config("routing");

    private static RoutingNetwork Network(Engine.Backends.Backend backend, RoutingOptions options)
    {
        var network = new RoutingNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0), backend, options, DType.Float64);
        network.Store.Initialize(88);
        return network;
    }
}
