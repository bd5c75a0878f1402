using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.AdaShare;

/// <summary>The three phases on a very small network: results, resuming, memory.</summary>
public sealed class RunTests
{
    private readonly List<string> _folders = [];

    [TearDown]
    public void RemoveFolders()
    {
        foreach (string folder in _folders.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void AllPhasesRunAndLeaveTheirFiles()
    {
        using var backend = new CpuBackend();
        RunFolder folder = NewFolder();
        var observer = new Recorder();
        MetricsFile results = Train(backend, folder, observer, resume: false, default);

        Assert.That(observer.Phases.Select(static p => (p.Key, p.Index)), Is.EqualTo(new[] { ("warm_up", 0), ("search", 0), ("retrain", 0), ("retrain", 1) }));
        Assert.That(observer.Steps.Count(static s => s.Updates == "policy"), Is.EqualTo(4));
        Assert.That(observer.Steps.Where(static s => s.Updates == "policy").SelectMany(s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "sharing", "sparsity" }));
        foreach (var table in new[] { results.Others.Single().Test.Metrics, results.Final.Metrics, results.Trivial, results.CandidateMean, results.CandidateDeviation! })
        {
            Assert.That(table.Keys, Is.EqualTo(new[] { "seg", "sn" }));
            Assert.That(table["seg"].Keys, Does.Contain("miou").And.Contain("miou_official"));
        }

        Assert.That(MetricsFile.Read(folder.Metrics).Final.Metrics["sn"]["angle_mean"], Is.EqualTo(results.Final.Metrics["sn"]["angle_mean"]));
        PolicyFile policy = PolicyFile.Read(folder.Policy);
        Assert.That((policy.Sampled.Length, policy.Selected), Is.EqualTo((2, results.Policy!.Selected)));

        // Eight search steps in cycles of four open the last two of eight blocks; the others have learnt nothing and run.
        Assert.That(policy.Probability.SelectMany(row => row[..6]), Is.All.EqualTo(1.0));
        Assert.That(policy.Probability.SelectMany(row => row[6..]), Is.All.LessThan(1.0));
        Assert.That(observer.Notices, Has.Some.Contains("2 of 8 decisions open"));
        Assert.That(File.ReadLines(folder.Log).Count(line => line.Contains("\"loss\"", StringComparison.Ordinal)), Is.EqualTo(observer.Steps.Count));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }

    [Test]
    public void RecomputedBlocksGiveTheSameRunInLessMemory()
    {
        using var backend = new CpuBackend();
        RunFolder kept = NewFolder(), recomputed = NewFolder();
        MetricsFile keeping = Train(backend, kept, new Recorder(), resume: false, default);
        RunConfig config = Config();
        config.Train.Recompute = "blocks";
        MetricsFile recomputing = Train(backend, recomputed, new Recorder(), resume: false, default, config);
        foreach (string name in new[] { "warmup", "policy_latest", "retrain_0", "retrain_1" })
        {
            Assert.That(File.ReadAllBytes(recomputed.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(kept.Checkpoint(name))), name);
        }

        Assert.That(keeping.PeakBytes.Keys, Is.EqualTo(new[] { "warm_up", "search", "retrain" }));
        foreach ((string phase, long peak) in keeping.PeakBytes)
        {
            // A sampled policy may leave so few bodies that the largest moment of a retraining step lies in the stem.
            Assert.That(recomputing.PeakBytes[phase], phase == "retrain" ? Is.LessThanOrEqualTo(peak) : Is.LessThan(peak), phase);
        }
    }

    [Test]
    public void ThePeakOfAStepIsLoggedAndTheLargestOfEachPhaseReported()
    {
        using var backend = new CpuBackend();
        var observer = new Recorder();
        RunFolder folder = NewFolder();
        MetricsFile results = Train(backend, folder, observer, resume: false, default);
        Assert.That(results.PeakBytes["search"], Is.EqualTo(observer.Steps.Where(s => s.Phase.Key == "search").Max(s => s.PeakBytes)));
        Assert.That(MetricsFile.Read(folder.Metrics).PeakBytes, Is.EqualTo(results.PeakBytes));
        Assert.That(File.ReadLines(folder.Log).Where(line => line.Contains("\"loss\"", StringComparison.Ordinal)).Select(static line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("peak_bytes").GetInt64()),
            Is.EqualTo(observer.Steps.Select(static s => s.PeakBytes)));

        // At least the values and Adam's two states beside them are live in a step of the warm-up.
        using var network = new AdaShareNetwork(NetworkSpec.Of(Config()), backend);
        long values = sizeof(float) * network.Store.ParameterCount;
        Assert.That(results.PeakBytes["warm_up"], Is.GreaterThan(3 * values));
    }

    [Test]
    public void SteadyStateStepsAskTheSystemForNoMemory()
    {
        using var backend = new CpuBackend();
        var allocations = new List<long>();
        var observer = new Recorder { OnStep = record => { if (record.Phase.Key == "warm_up") { allocations.Add(backend.Memory.SystemAllocations); } } };
        RunConfig config = Config();
        config.Options<AdaShareOptions>().WarmUpIters = 6;
        config.Train.ValFreq = 100;
        Train(backend, NewFolder(), observer, resume: false, default, config);
        Assert.That(allocations[1..], Is.All.EqualTo(allocations[0]), "after the first step a step allocates nothing");
    }

    [Test]
    public void AnInterruptedRunGivesTheSameWeightsBitForBit()
    {
        using var backend = new CpuBackend();
        RunFolder whole = NewFolder();
        var observer = new Recorder();
        Train(backend, whole, observer, resume: false, default);

        // Every step is a place to stop: the run is stopped after each, and also loses what it did after its last checkpoint.
        RunFolder broken = NewFolder();
        bool resume = false;
        for (int stops = 0; ; stops++)
        {
            Assert.That(stops, Is.LessThan(100), "the run must come to an end");
            using var source = new CancellationTokenSource();
            int left = 1 + (stops % 3);
            var stopper = new Recorder { OnStep = _ => { if (--left == 0) { source.Cancel(); } } };
            try
            {
                Train(backend, broken, stopper, resume, source.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                resume = true;
            }
        }

        foreach (string name in new[] { "warmup", "policy_best", "policy_latest", "retrain_0", "retrain_1" })
        {
            Assert.That(File.ReadAllBytes(broken.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint(name))), name);
        }

        Assert.That(Untimed.Metrics(broken.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(broken.Log), Is.EqualTo(Untimed.Log(whole.Log)));
    }

    [Test]
    public void AKilledRunGoesOnFromItsLastCheckpoint()
    {
        using var backend = new CpuBackend();
        RunFolder whole = NewFolder(), killed = NewFolder();
        Train(backend, whole, new Recorder(), resume: false, default);

        // An exception out of the observer stops the run where no checkpoint is written, as a kill would.
        foreach (int steps in new[] { 2, 9, 7 })
        {
            int left = steps;
            var killer = new Recorder { OnStep = _ => { if (--left == 0) { throw new TimeoutException(); } } };
            Assert.That(() => Train(backend, killed, killer, resume: File.Exists(killed.Latest), default), Throws.TypeOf<TimeoutException>());
        }

        Train(backend, killed, new Recorder(), resume: true, default);
        Assert.That(File.ReadAllBytes(killed.Checkpoint("retrain_1")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("retrain_1"))));
        Assert.That(Untimed.Log(killed.Log), Is.EqualTo(Untimed.Log(whole.Log)));
    }

    [Test]
    public void ARunStoppedBeforeItsFirstCheckpointStartsFromTheBeginning()
    {
        using var backend = new CpuBackend();
        RunFolder whole = NewFolder(), early = NewFolder();
        Train(backend, whole, new Recorder(), resume: false, default);
        Directory.CreateDirectory(early.Path);
        File.WriteAllText(early.Log, "what a killed run had logged\n");
        Train(backend, early, new Recorder(), resume: true, default);
        Assert.That(File.ReadAllBytes(early.Checkpoint("retrain_1")), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint("retrain_1"))));
        Assert.That(Untimed.Log(early.Log), Is.EqualTo(Untimed.Log(whole.Log)));
    }

    [Test]
    public void EveryRetrainingKeepsItsBestValidationAndTheBestRetrainingIsTheResult()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config();
        config.Options<AdaShareOptions>().Policies = 3;
        (config.Train.RetrainTotalIters, config.Train.ValFreq) = (4, 1);
        var observer = new Recorder();
        MetricsFile results = Train(backend, NewFolder(), observer, resume: false, default, config);
        MetricTable reference = TrivialPredictors.Evaluate(TaskSpec.Of(config), Scenes(), Split.Validation, 0, decodedNormals: true);
        for (int p = 0; p < 3; p++)
        {
            (long Step, double Score)[] scores =
                [.. observer.Validations.Where(v => v.Phase.Key == "retrain" && v.Phase.Index == p).Select(v => (v.Step, SelectionScore.Of(v.Metrics, reference, TaskSpec.Of(config))))];
            Assert.That(scores.Select(static s => s.Score), Is.Unique, "scores tell validations apart");
            Assert.That((results.Candidates[p].Test.Step, results.Candidates[p].Test.Score), Is.EqualTo(scores.MaxBy(static s => s.Score)), $"policy {p + 1}");
        }

        Assert.That(results.Candidates.FindIndex(static c => c.Selected), Is.EqualTo(results.Policy!.Selected));
        Assert.That(results.Final.Score, Is.EqualTo(results.Candidates.Max(static c => c.Test.Score)));
    }

    [Test]
    public void AFinishedRunThatIsResumedKeepsItsNetworkAndItsResults()
    {
        using var backend = new CpuBackend();
        RunFolder folder = NewFolder();
        Train(backend, folder, new Recorder(), resume: false, default);
        byte[] network = File.ReadAllBytes(folder.Latest);
        string results = File.ReadAllText(folder.Metrics);
        var observer = new Recorder();
        Train(backend, folder, observer, resume: true, default);
        Assert.That(observer.Steps, Is.Empty);
        Assert.That(File.ReadAllBytes(folder.Latest), Is.EqualTo(network));
        Assert.That(File.ReadAllText(folder.Metrics), Is.EqualTo(results));
    }

    [Test]
    public void TasksWithoutLabelsAreRefused()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config();
        config.TasksNumClass = [4, 3];
        Assert.That(() => Train(backend, NewFolder(), new Recorder(), resume: false, default, config), Throws.TypeOf<ConfigurationException>().With.Message.Contains("tasks_num_class"));
    }

    private static RunConfig Config()
    {
        var config = new RunConfig { Tasks = ["seg", "sn"], TasksNumClass = [13, 3], Lambdas = [1, 1], Seed = [88, 45] };
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.CurriculumSpeed, options.WarmUpIters, options.WeightIterAlternate, options.AlphaIterAlternate, options.Policies) = (1, 4, 2, 2, 2);
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 32;
        config.Dataload.CropW = 40;
        config.Train.BatchSize = 2;
        config.Train.TotalIters = 12;
        config.Train.RetrainTotalIters = 3;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 2;
        config.Train.CheckpointFreq = 3;
        config.Train.DecayLrFreq = 2;
        return config;
    }

    private static MetricsFile Train(CpuBackend backend, RunFolder folder, Recorder observer, bool resume, CancellationToken stop, RunConfig? config = null) =>
        Trainer.Run(new AdaShareMethod(), config ?? Config(), backend, Scenes(), folder, observer, resume, stop);

    private static ProceduralScenes Scenes() => new(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });

    private RunFolder NewFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        _folders.Add(path);
        return new RunFolder(path);
    }
}
