using System.Text.Json.Nodes;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Methods.RandomPolicy;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Whole runs under each weighting.</summary>
public sealed class WeightingRunTests
{
    private readonly RunFolders _folders = new();

    private static string[] Names { get; } = [.. WeightingRegistry.Names.Where(static name => name != "static")];

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [TestCaseSource(nameof(Names))]
    public void ARunThatIsStoppedAfterEveryStepEndsInTheSameBytes(string weighting)
    {
        using var training = new TinyTraining();
        training.RequireExactResume(Weighted(TinyTraining.Config("hard_sharing"), weighting), ["final"]);
    }

    [TestCase("pcgrad")]
    [TestCase("famo")]
    [TestCase("dwa")]
    [TestCase("gradnorm")]
    public void AnAdaShareRunWeighsInEveryPhaseAndGoesOnExactly(string weighting)
    {
        using var training = new TinyTraining();
        RunConfig config = Weighted(TinyTraining.Config("adashare"), weighting);
        training.RequireExactResume(config, ["warmup", "policy_latest", "retrain_0", "retrain_1"]);
        RunFolder folder = training.NewFolder();
        Dictionary<string, PhaseWeights> weights = training.Train(config, folder).Weights!;
        Assert.That(weights.Keys, Is.EquivalentTo(new[] { "warm_up", "search", "retrain" }));
        Assert.That(weights["search"].Steps, Is.EqualTo(4), "the steps of the search that move weights: two of four, twice");
        JsonNode[] steps = [.. File.ReadLines(folder.Log).Select(static line => JsonNode.Parse(line)!).Where(static line => line["updates"] is not null)];
        Assert.That(steps.Select(static line => line["weight_seg"] is not null), Is.EqualTo(steps.Select(static line => (string)line["updates"]! == "weights")), "steps that move the policy have the lambdas");
    }

    [TestCase("cross_stitch", "upgrad")]
    [TestCase("nddr", "imtl_g")]
    [TestCase("stochastic_depth", "cagrad")]
    [TestCase("random_policy", "aligned_mtl")]
    [TestCase("single_task", "uncertainty")]
    public void OtherMethodsGoOnExactlyToo(string method, string weighting)
    {
        using var training = new TinyTraining();
        RunConfig config = TinyTraining.Config(method);
        config.Options<RandomPolicyOptions>().Share = 0.3;
        training.RequireExactResume(Weighted(config, weighting), ["final"]);
    }

    [TestCaseSource(nameof(Names))]
    public void ALogLineAndTheMetricsSayTheWeights(string weighting)
    {
        using var backend = new CpuBackend();
        RunConfig config = Weighted(SmallRun.Config("hard_sharing", "seg", "sn", "depth"), weighting);
        RunFolder folder = _folders.New();
        var steps = new List<StepRecord>();
        SmallRun.Train(backend, config, folder, onStep: steps.Add);
        MetricsFile metrics = MetricsFile.Read(folder.Metrics);
        Assert.That((metrics.Weighting, metrics.Weights!["train"].Steps), Is.EqualTo((weighting, 5L)));
        JsonNode[] lines = [.. File.ReadLines(folder.Log).Select(static line => JsonNode.Parse(line)!).Where(static line => line["updates"] is not null)];
        foreach (string task in config.Tasks)
        {
            double[] logged = [.. lines.Select(line => (double)line[$"weight_{task}"]!)];
            Assert.That(logged, Has.Length.EqualTo(5));
            Assert.That(metrics.Weights["train"].Last[task], Is.EqualTo(logged[^1]));
            Assert.That(metrics.Weights["train"].Mean[task], Is.EqualTo(logged.Average()).Within(1e-12));
        }

        // What is minimised, where factors are of losses: their sum with lambdas.
        foreach (StepRecord step in steps.Where(_ => WeightingRegistry.Find(weighting)!.Needs != WeightingNeeds.SharedWeights))
        {
            double sum = config.Tasks.Select((task, t) => config.Lambdas[t] * step.Losses[task] * step.Details.Single(detail => detail.Name == $"weight_{task}").Value).Sum();
            Assert.That(step.Total, Is.EqualTo(sum).Within(1e-5 * Math.Abs(sum)));
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void WithoutAWeightingNoFileSpeaksOfOne()
    {
        using var backend = new CpuBackend();
        RunFolder folder = _folders.New();
        SmallRun.Train(backend, SmallRun.Config("hard_sharing", "seg", "sn"), folder);
        Assert.That(JsonNode.Parse(File.ReadAllText(folder.Metrics))!.AsObject().Select(static pair => pair.Key), Has.None.StartsWith("weight"));
        Assert.That(File.ReadLines(folder.Log).SelectMany(static line => JsonNode.Parse(line)!.AsObject()).Select(static pair => pair.Key), Has.None.StartsWith("weight"));
    }

    /// <summary>Forward pass F = pass + heads; plain step 3 F. Each for two images a step and five steps.</summary>
    [TestCase("static", 0, 0, 0)]
    [TestCase("random", 0, 0, 0)]
    [TestCase("geometric_mean", 0, 0, 0)]
    [TestCase("famo", 1, 1, 0)]
    [TestCase("pcgrad", 1 + (2 * 2), 1 + 1, 0)]
    [TestCase("gradnorm", 1, 1 + 1, 2 * 2)]
    public void BudgetsCountWhatAWeightingExecutes(string weighting, int passes, int heads, int lastLayers)
    {
        using var training = new TinyTraining();
        MetricsFile metrics = training.Train(Weighted(TinyTraining.Config("hard_sharing"), weighting), training.NewFolder());

        // The last layer of the smallest ResNet18: 9 taps, 64 inputs and outputs, 5x6 positions.
        const long LastLayer = 9 * 64 * 64 * 30;
        long image = (3 * (TinyTraining.Pass + TinyTraining.Heads)) + (passes * TinyTraining.Pass) + (heads * TinyTraining.Heads) + (lastLayers * LastLayer);
        Assert.That(metrics.Budget["train"].MultiplyAdds, Is.EqualTo(TinyTraining.Steps * 2 * image));
    }

    [TestCase("pcgrad")]
    [TestCase("geometric_mean")]
    [TestCase("famo")]
    [TestCase("gradnorm")]
    public void StepsAfterTheFirstAskTheSystemForNoMemory(string weighting)
    {
        using var backend = new CpuBackend();
        RunConfig config = Weighted(SmallRun.Config("hard_sharing", "seg", "sn"), weighting);
        config.Train.ValFreq = 0;
        var allocations = new List<long>();
        SmallRun.Train(backend, config, _folders.New(), onStep: _ => allocations.Add(backend.Memory.SystemAllocations));
        Assert.That(allocations[1..], Is.All.EqualTo(allocations[0]));
    }

    /// <summary>Where little is kept because blocks are computed again, and heads of 8 channels need next to nothing, the gradients of three tasks show.</summary>
    [TestCase("none", 1.1)]
    [TestCase("blocks", 1.2)]
    public void APassForInnerProductsNeedsLittleMemoryOfItsOwn(string recompute, double most)
    {
        using var backend = new CpuBackend();
        long Peak(string weighting)
        {
            RunConfig config = Weighted(SmallRun.Config("hard_sharing", "seg", "sn", "depth"), weighting);
            (config.Train.BatchSize, config.Train.RetrainTotalIters, config.Train.Recompute) = (8, 1, recompute);

            // As in networks of use, activations outweigh the filters of a layer.
            (config.Dataload.CropH, config.Dataload.CropW) = (96, 128);
            return SmallRun.Train(backend, config, _folders.New()).PeakBytes["train"];
        }

        Assert.That((double)Peak("pcgrad") / Peak("static"), Is.LessThan(most));
    }

    [Test]
    public void RecomputedBlocksGiveTheSameWeights()
    {
        using var backend = new CpuBackend();
        RunConfig config = Weighted(SmallRun.Config("hard_sharing", "seg", "sn", "depth"), "upgrad");
        RunFolder kept = _folders.New(), recomputed = _folders.New();
        SmallRun.Train(backend, config, kept);
        config.Train.Recompute = "blocks";
        SmallRun.Train(backend, config, recomputed);
        Assert.That(File.ReadAllBytes(recomputed.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(kept.Checkpoint("final"))));
    }

    [Test]
    public void APhaseThatIsTrainedAgainBeginsWithoutWhatTheWeightingHadLearnt()
    {
        using var training = new TinyTraining();
        RunConfig config = Weighted(TinyTraining.Config("hard_sharing"), "uncertainty");
        RunFolder whole = training.NewFolder(), again = training.NewFolder();
        training.Train(config, whole);
        using var source = new CancellationTokenSource();
        int left = 3;
        Assert.That(() => training.Train(config, again, new Recorder { OnStep = _ => { if (--left == 0) { source.Cancel(); } } }, stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Trainer.Run(
            MethodRegistry.Get(config.Method), config, training.Backend, TinyScenes(), again, new Recorder(), resume: true, CancellationToken.None, RunTerms.Default with { RestartsPhase = true });
        Assert.That(File.ReadAllBytes(again.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("final"))));
    }

    [Test]
    public void WhatComparesGradientsNeedsWeightsThatAreShared()
    {
        foreach (string weighting in Names)
        {
            RunConfig config = Weighted(SmallRun.Config("single_task", "seg", "sn"), weighting);
            void Validate() => ConfigValidator.Validate(config, MethodRegistry.Get(config.Method));
            if (WeightingRegistry.Find(weighting)!.NeedsSharedWeights)
            {
                Assert.That(Validate, Throws.TypeOf<ConfigurationException>().With.Message.StartsWith($"weighting.method is {weighting}; expected a weighting of losses (static, uncertainty").And.Message.EndsWith("and single_task shares none"));
            }
            else
            {
                Assert.That(Validate, Throws.Nothing);
            }
        }
    }

    private static ProceduralScenes TinyScenes() =>
        new(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });

    /// <summary>A configuration under a weighting whose memory matters within few steps.</summary>
    private static RunConfig Weighted(RunConfig config, string weighting)
    {
        config.Weighting.Method = weighting;
        config.Weighting.Options<UncertaintyOptions>().Lr = 0.1;
        config.Weighting.Options<ImtlLossOptions>().Lr = 0.1;
        config.Weighting.Options<DwaOptions>().Period = 1;
        (config.Weighting.Options<StchOptions>().WarmUp, config.Weighting.Options<StchOptions>().NadirSteps) = (1, 2);
        return config;
    }
}
