using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Tests;

/// <summary>The three phases on a very small network: results, resuming, memory.</summary>
public sealed class TrainerTests
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

        Assert.That(observer.Phases, Is.EqualTo(new[] { RunPhase.WarmUp, RunPhase.Search, RunPhase.Retrain, RunPhase.Retrain }));
        Assert.That(observer.Steps.Count(s => s.UpdatesPolicy), Is.EqualTo(4));
        Assert.That(observer.Steps.Where(s => s.UpdatesPolicy).SelectMany(s => s.Losses.Keys).Distinct(), Is.EquivalentTo(new[] { "seg", "sn", "sharing", "sparsity" }));
        foreach (var table in new[] { results.WarmUp, results.Retrained, results.Trivial, results.RetrainedMean, results.RetrainedStd })
        {
            Assert.That(table.Keys, Is.EqualTo(new[] { "seg", "sn" }));
            Assert.That(table["seg"].Keys, Does.Contain("miou").And.Contain("miou_official"));
        }

        Assert.That(MetricsFile.Read(folder.Metrics).Retrained["sn"]["angle_mean"], Is.EqualTo(results.Retrained["sn"]["angle_mean"]));
        PolicyFile policy = PolicyFile.Read(folder.Policy);
        Assert.That((policy.Sampled.Length, policy.Selected), Is.EqualTo((2, (int?)results.Policy.Selected)));

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
        Assert.That(results.PeakBytes["search"], Is.EqualTo(observer.Steps.Where(s => s.Phase == RunPhase.Search).Max(s => s.PeakBytes)));
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
        var observer = new Recorder { OnStep = record => { if (record.Phase == RunPhase.WarmUp) { allocations.Add(backend.Memory.SystemAllocations); } } };
        RunConfig config = Config();
        config.Train.WarmUpIters = 6;
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

        Assert.That(File.ReadAllText(broken.Metrics), Is.EqualTo(File.ReadAllText(whole.Metrics)));
        Assert.That(Untimed(broken.Log), Is.EqualTo(Untimed(whole.Log)));
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
        Assert.That(Untimed(killed.Log), Is.EqualTo(Untimed(whole.Log)));
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
        Assert.That(Untimed(early.Log), Is.EqualTo(Untimed(whole.Log)));
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
        var config = new RunConfig { Tasks = ["seg", "sn"], TasksNumClass = [13, 3], Lambdas = [1, 1], CurriculumSpeed = 1, Seed = [88, 45] };
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 32;
        config.Dataload.CropW = 40;
        config.Train.BatchSize = 2;
        config.Train.WarmUpIters = 4;
        config.Train.TotalIters = 12;
        config.Train.RetrainTotalIters = 3;
        config.Train.WeightIterAlternate = 2;
        config.Train.AlphaIterAlternate = 2;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 2;
        config.Train.CheckpointFreq = 3;
        config.Train.DecayLrFreq = 2;
        config.Retrain.Policies = 2;
        return config;
    }

    private static MetricsFile Train(CpuBackend backend, RunFolder folder, Recorder observer, bool resume, CancellationToken stop, RunConfig? config = null)
    {
        var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });
        return Trainer.Run(config ?? Config(), backend, scenes, folder, observer, resume, stop);
    }

    private static string[] Untimed(string log) => [.. File.ReadLines(log).Select(line => System.Text.RegularExpressions.Regex.Replace(line, ",\"images_per_second\":[^}]*", string.Empty))];

    private RunFolder NewFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        _folders.Add(path);
        return new RunFolder(path);
    }

    private sealed class Recorder : IRunObserver
    {
        public List<RunPhase> Phases { get; } = [];

        public List<StepRecord> Steps { get; } = [];

        public List<string> Notices { get; } = [];

        public Action<StepRecord>? OnStep { get; init; }

        public void Notice(string text) => Notices.Add(text);

        public void PhaseStarted(RunPhase phase, int policy, int policies, long step, long steps) => Phases.Add(phase);

        public void StepDone(StepRecord record)
        {
            Steps.Add(record);
            OnStep?.Invoke(record);
        }

        public void Validated(RunPhase phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
