using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.AdaShareInstance;
using AdaShare.Native.Methods.Tests.Decisions;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.AdaShareInstance;

/// <summary>AdaShare with a policy for each image: sizes, gradients, what images decide, runs.</summary>
public sealed class AdaShareInstanceTests : TrainingTests
{
    // Convolutions 864, 55,296, 221,184 and 884,736; projections 2,048, 8,192 and 32,768; scales and shifts of 32, 3 x 64, 3 x 128, 4 x 256 channels; 257 x 64 of the linear layer. At 224x224 a block with its
    // projection has 57,344 x 112 x 112 multiply-adds, as have the two behind it.
    [Test]
    public void ThePolicyNetworkHasItsPublishedSize()
    {
        var backend = new CpuBackend();
        using (var network = new InstanceNetwork(new NetworkSpec(BackboneSpec.Of("ResNet34"), TwoTasks, 8, 0), backend))
        {
            Assert.That(LayerCost.Parameters(network.PolicyGroup), Is.EqualTo(1_208_352 + 16_448));
            Assert.That(network.Policy.MultiplyAdds(new Shape(1, 224, 224, 3)), Is.EqualTo(2_201_337_856));
            ModelCost cost = network.Cost(GateTable.Decided, 224, 224), hard = network.Cost(GateTable.Shared, 224, 224);
            Assert.That(cost.BackboneParameters, Is.EqualTo(21_284_672 + 1_208_352 + 16_448));
            Assert.That(cost.PassesBackboneMultiplyAdds - hard.PassesBackboneMultiplyAdds, Is.EqualTo(2_201_337_856));
            Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(cost.PassesBackboneMultiplyAdds), "at most, nothing is shared");
        }

        backend.Dispose();
    }

    [Test]
    public void GradientsAreThoseOfCentralDifferences()
    {
        using var backend = new CpuBackend();
        using InstanceNetwork network = Network(backend, DType.Float64);
        network.Sampling = new InstanceSampling(2, StraightThrough: false);
        network.OpenBlocks = 6;
        CentralDifferences.Check(network, GateTable.Decided,
            "policy.conv1.weight", "policy.bn1.weight", "policy.blocks.0.0.conv1.weight", "policy.ds.1.0.weight", "policy.blocks.2.0.bn2.bias", "policy.bn2.weight", "policy.linear.weight", "policy.linear.bias",
            "backbone.conv1.weight", "backbone.blocks.1.0.conv1.weight", "backbone.ds.2.0.weight", "backbone.blocks.3.1.bn2.weight", "task1_fc1_c0.conv1.weight");
    }

    [Test]
    public void ImagesDecideForThemselvesAndAreMeasuredAsTheyDecide()
    {
        using var backend = new CpuBackend();
        using InstanceNetwork network = Network(backend, DType.Float32);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(3, 32);
        Tensor images = step.FromDoubles(shape, DType.Float32, [.. SmallRun.Normal(shape.Count, 7).Select((x, i) => 50 * x * (1 + (i / (int)(shape.Count / 3))))]);
        int[] both = [0, 1];
        Tensor[] together = [.. network.Forward(step, new InputGroup(images, both), ForwardContext.Evaluation(GateTable.Decided))];
        GateTable gates = network.Last!.Gates;
        double[][][] alpha = network.Last.Probability!;
        Assert.That(gates.HasImageDecisions, Is.True, "the images differ");
        Assert.That(alpha.SelectMany(static image => image).SelectMany(static row => row[..2]), Is.All.EqualTo(1), "blocks without a decision run");
        DecisionCost cost = network.DecidedCost(32, 32)!;
        for (int i = 0; i < 3; i++)
        {
            // Under a table of its own decisions an image alone gives the same.
            int image = i;
            var own = GateTable.PerTask([.. both.Select(t => Enumerable.Range(0, 8).Select(b => alpha[image][t][b] >= 0.5 ? Gate.On : Gate.Off).ToArray())]);
            Tensor[] alone = [.. network.Forward(step, new InputGroup(Engine.Ops.AssemblyOps.Slice(step, images, 0, i, 1), both), ForwardContext.Evaluation(own))];
            foreach (int t in both)
            {
                double[] expected = alone[t].ToDoubles(), found = together[t].ToDoubles()[(i * expected.Length)..((i + 1) * expected.Length)];
                Assert.That(found, Is.EqualTo(expected).Within(1e-4 * expected.Max(Math.Abs)), $"image {i}, task {t}");
            }
        }

        Assert.That(cost.Images, Is.EqualTo(3));
        Assert.That(cost.Runs[0], Is.EqualTo(Enumerable.Range(0, 8).Select(b => alpha.Count(image => image[0][b] >= 0.5) / 3.0)).Within(1e-12));
        Assert.That(cost.Executed, Is.LessThan(cost.Passes));
    }

    [Test]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles()
    {
        RunConfig config = TinyTraining.Config("adashare_instance");
        Training.RequireExactResume(config, ["warmup", "policy_latest", "policy_best", "final"]);
    }

    [Test]
    public void ARunSaysWhatItsImagesDecidedAndCost()
    {
        RunConfig config = TinyTraining.Config("adashare_instance");
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(config, folder, observer);
        Assert.That(observer.Phases.Select(static p => p.Key), Is.EqualTo(new[] { "warm_up", "search", "retrain" }));
        Assert.That(observer.Steps.Where(static s => s.Updates == "policy").SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "sharing", "sparsity" }));

        // Two of eight blocks were opened; the policy network has 8, 8, 16 and 32 channels and 32 outputs at 32x40 pixels.
        DecisionCost decided = results.Final.Decisions!;
        Assert.That(decided.Images, Is.EqualTo(2));
        Assert.That(decided.Runs.SelectMany(static row => row[..6]).Concat(decided.Probability.SelectMany(static row => row[..6])), Is.All.EqualTo(1));
        Assert.That(decided.Probability.SelectMany(static row => row[6..]), Is.All.LessThan(1));
        const double Own = (1280 * 216) + (320 * ((64 * 9) + (64 * 9) + 64)) + (80 * ((128 * 9) + (256 * 9) + 128)) + (20 * ((512 * 9) + (1024 * 9) + 512)) + 1024;
        double always = Own + (2 * (TinyTraining.Stem + TinyTraining.Projections.Sum()));
        double Cost(double[][] share) => always + share.Sum(static row => row.Select(static (p, b) => p * TinyTraining.Bodies[b]).Sum());
        Assert.That(decided.Passes, Is.EqualTo(Cost(decided.Runs)).Within(1e-6));
        Assert.That(decided.Expected, Is.EqualTo(Cost(decided.Probability)).Within(1e-6));
        Assert.That(results.Cost.PassesBackboneMultiplyAdds, Is.EqualTo((long)Math.Round(decided.Passes)));
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo((long)Math.Round(decided.Executed)).And.LessThan(results.Cost.PassesBackboneMultiplyAdds));
        Assert.That(MetricsFile.Read(folder.Metrics).Final.Decisions!.Expected, Is.EqualTo(decided.Expected));
        Assert.That(results.Others.Single().Test.Decisions, Is.Null, "the warm-up decides nothing");

        IMethod method = MethodRegistry.Get("adashare_instance");
        StoredNetwork stored = method.Networks(folder, config).Single(static n => n.IsFinal);
        using (TrainedNetwork trained = stored.Load(method, config, Training.Backend))
        {
            var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });
            Assert.That(trained.Evaluate(scenes, Split.Test)["sn"], Is.EqualTo(results.Final.Metrics["sn"]));
        }

        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void ThePolicyNetworkStaysAsTheSearchLeftIt()
    {
        RunConfig config = TinyTraining.Config("adashare_instance");
        RunFolder folder = Training.NewFolder();
        Training.Train(config, folder);
        Dictionary<string, double[]> learnt = Training.State(config, folder.Checkpoint("policy_best")), final = Training.State(config, folder.Checkpoint("final"));
        foreach ((string name, double[] values) in learnt)
        {
            Assert.That(final[name], name.StartsWith("policy.", StringComparison.Ordinal) ? Is.EqualTo(values) : Is.Not.EqualTo(values).Or.All.Zero, name);
        }
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        void Refused(Action<AdaShareOptions> change, string why)
        {
            RunConfig config = TinyTraining.Config("adashare_instance");
            change(config.Options<AdaShareOptions>());
            Assert.That(() => MethodRegistry.Get("adashare_instance").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.Contains(why));
        }

        Refused(static options => options.SkipLayer = 2, "adashare.skip_layer is 2; expected 0");
        Refused(static options => options.InitTemp = 0, "adashare.init_temp");
        RunConfig noted = TinyTraining.Config("adashare_instance");
        noted.Options<AdaShareOptions>().InitMethod = "random";
        noted.Options<AdaShareOptions>().CompareHardSharing = true;
        Assert.That(MethodRegistry.Get("adashare_instance").Notices(noted), Has.Some.Contains("adashare.policies").And.Some.Contains("adashare.init_method").And.Some.Contains("run method hard_sharing to compare"));
    }

    private static InstanceNetwork Network(CpuBackend backend, DType type)
    {
        var network = new InstanceNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), TwoTasks, 8, 0), backend, type);
        network.Store.Initialize(88);
        network.OpenBlocks = 6;
        return network;
    }
}
