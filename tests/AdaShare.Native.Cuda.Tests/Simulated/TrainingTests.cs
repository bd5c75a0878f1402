using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.MultiTask.Configuration;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>A whole run of AdaShare, warm-up, search and retraining of a very small network with two tasks, on the simulated device and on the CPU.</summary>
[TestFixture]
public sealed class TrainingTests
{
    private const double Tolerance = 1e-4;

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
    public void Three_phases_give_the_CPUs_losses_op_by_op_and_replayed()
    {
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        (IReadOnlyList<StepRecord> expected, _) = Train(cpu);
        (IReadOnlyList<StepRecord> eager, byte[] eagerWeights, _) = TrainSimulated(capture: false);
        (IReadOnlyList<StepRecord> replayed, byte[] replayedWeights, StepStatistics statistics) = TrainSimulated(capture: true);
        Assert.Multiple(() =>
        {
            Assert.That(expected.Select(static s => s.Phase).Distinct(), Is.EqualTo(new[] { RunPhase.WarmUp, RunPhase.Search, RunPhase.Retrain }));
            Assert.That(eager.Count, Is.EqualTo(expected.Count));
            Assert.That(replayedWeights, Is.EqualTo(eagerWeights), "replayed steps give the same bits");
            Assert.That(statistics.Failure, Is.Null);
            Assert.That(statistics.Replayed, Is.GreaterThanOrEqualTo(expected.Count / 3));
        });
        for (int i = 0; i < expected.Count; i++)
        {
            foreach ((string name, double loss) in expected[i].Losses)
            {
                Assert.That(eager[i].Losses[name], Is.EqualTo(loss).Within(Tolerance), $"{expected[i].Phase}, step {expected[i].Step}, {name}");
                Assert.That(replayed[i].Losses[name], Is.EqualTo(eager[i].Losses[name]), $"{expected[i].Phase}, step {expected[i].Step}, {name}, replayed");
            }
        }
    }

    private (IReadOnlyList<StepRecord> Steps, byte[] Weights, StepStatistics Statistics) TrainSimulated(bool capture)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture });
        (IReadOnlyList<StepRecord> steps, byte[] weights) = Train(device.Backend);
        Assert.That(device.Backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
        StepStatistics statistics = device.Backend.Steps;
        device.AssertClean();
        return (steps, weights, statistics);
    }

    private (IReadOnlyList<StepRecord> Steps, byte[] Weights) Train(Backend backend)
    {
        var config = new RunConfig { Tasks = ["seg", "sn"], TasksNumClass = [13, 3], Lambdas = [1, 1], CurriculumSpeed = 1, Seed = [88, 45] };
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 24;
        config.Dataload.CropW = 32;
        config.Train.BatchSize = 2;
        config.Train.WarmUpIters = 4;
        config.Train.TotalIters = 12;
        config.Train.RetrainTotalIters = 4;
        config.Train.WeightIterAlternate = 4;
        config.Train.AlphaIterAlternate = 4;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 100;
        config.Train.DecayLrFreq = 2;
        config.Retrain.Policies = 1;
        var folder = new RunFolder(Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}"));
        _folders.Add(folder.Path);
        var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 28, Width = 36, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });
        var observer = new Recorder();
        Trainer.Run(config, backend, scenes, folder, observer, resume: false, CancellationToken.None);
        return (observer.Steps, File.ReadAllBytes(folder.Checkpoint("retrain_0")));
    }

    private sealed class Recorder : IRunObserver
    {
        public List<StepRecord> Steps { get; } = [];

        public void Notice(string text) => TestContext.Out.WriteLine(text);

        public void PhaseStarted(RunPhase phase, int policy, int policies, long step, long steps) => TestContext.Out.WriteLine($"{phase}: {steps} steps");

        public void StepDone(StepRecord record) => Steps.Add(record);

        public void Validated(RunPhase phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
