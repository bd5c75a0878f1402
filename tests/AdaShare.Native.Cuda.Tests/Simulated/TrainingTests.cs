using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>A whole run of AdaShare, warm-up, search and retraining of a very small network with two tasks, on the simulated device and on the CPU.</summary>
[TestFixture]
public sealed class TrainingTests
{
    private const double Tolerance = 1e-4;

    // 8 bits of mantissa through some twenty layers.
    private const double Bfloat16Share = 0.02;

    [Test]
    public void Three_phases_give_the_CPUs_losses_op_by_op_and_replayed()
    {
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        IReadOnlyList<StepRecord> expected = TinyRun.On(cpu).Steps;
        ((IReadOnlyList<StepRecord> eager, byte[] eagerWeights), _) = TrainSimulated(capture: false);
        ((IReadOnlyList<StepRecord> replayed, byte[] replayedWeights), StepStatistics statistics) = TrainSimulated(capture: true);
        Assert.Multiple(() =>
        {
            Assert.That(expected.Select(static s => s.Phase.Key).Distinct(), Is.EqualTo(new[] { "warm_up", "search", "retrain" }));
            Assert.That(eager.Count, Is.EqualTo(expected.Count));
            Assert.That(replayedWeights, Is.EqualTo(eagerWeights), "replayed steps give the same bits");
            Assert.That(statistics.Failure, Is.Null);
            Assert.That(statistics.Replayed, Is.GreaterThanOrEqualTo(expected.Count / 3));
        });
        for (int i = 0; i < expected.Count; i++)
        {
            foreach ((string name, double loss) in expected[i].Losses)
            {
                Assert.That(eager[i].Losses[name], Is.EqualTo(loss).Within(Tolerance), $"{expected[i].Phase.Key}, step {expected[i].Step}, {name}");
                Assert.That(replayed[i].Losses[name], Is.EqualTo(eager[i].Losses[name]), $"{expected[i].Phase.Key}, step {expected[i].Step}, {name}, replayed");
            }
        }
    }

    [Test]
    public void Three_phases_with_activations_in_bfloat16_start_from_the_CPUs_losses_and_repeat_themselves_replayed()
    {
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        IReadOnlyList<StepRecord> expected = TinyRun.On(cpu).Steps;
        ((IReadOnlyList<StepRecord> eager, byte[] eagerWeights), _) = TrainSimulated(capture: false, "bfloat16");
        ((IReadOnlyList<StepRecord> replayed, byte[] replayedWeights), StepStatistics statistics) = TrainSimulated(capture: true, "bfloat16");
        Assert.That(statistics.Failure, Is.Null);
        Assert.That(replayedWeights, Is.EqualTo(eagerWeights), "replayed steps give the same bits");
        Assert.That(replayed.Select(static s => s.Total), Is.EqualTo(eager.Select(static s => s.Total)));
        foreach ((string name, double loss) in expected[0].Losses)
        {
            Assert.That(eager[0].Losses[name], Is.EqualTo(loss).Within(Bfloat16Share * loss).And.Not.EqualTo(loss), name);
        }
    }

    /// <summary>Weights of losses differ from step to step, and are read between pieces of a step that are captured by themselves.</summary>
    [TestCase("famo", "fast")]
    [TestCase("pcgrad", "fast")]
    [TestCase("imtl_g", "bfloat16")]
    public void Weighted_steps_are_replayed_with_other_weights(string weighting, string numerics)
    {
        ((IReadOnlyList<StepRecord> eager, byte[] eagerWeights), _) = TrainSimulated(capture: false, numerics, weighting, searchSteps: 0);
        ((IReadOnlyList<StepRecord> replayed, byte[] replayedWeights), StepStatistics statistics) = TrainSimulated(capture: true, numerics, weighting, searchSteps: 0);
        Assert.That(statistics.Failure, Is.Null);
        Assert.That(statistics.Replayed, Is.GreaterThan(0));
        Assert.That(replayedWeights, Is.EqualTo(eagerWeights), "replayed steps give the same bits");
        double[][] weights = [.. replayed.Select(static step => step.Details.Where(static detail => detail.Name.StartsWith("weight_", StringComparison.Ordinal)).Select(static detail => detail.Value).ToArray())];
        Assert.That(weights, Is.EqualTo(eager.Select(static step => step.Details.Where(static detail => detail.Name.StartsWith("weight_", StringComparison.Ordinal)).Select(static detail => detail.Value).ToArray())));
        Assert.That(weights.Where(static w => w.Length > 0).Select(static w => w[0]).Distinct().Count(), Is.GreaterThan(3), "they do differ");
    }

    [Test]
    public void Bottlenecks_and_norms_of_each_task_start_from_the_CPUs_losses_and_are_replayed()
    {
        IMethod method = MethodRegistry.Get("hard_sharing");
        static void Change(RunConfig config) => (config.Backbone, config.Model.BatchNorm, config.Train.RetrainTotalIters) = ("ResNet50", ModelConfig.PerTask, 4);
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        StepRecord expected = TinyRun.On(cpu, method, "fast", Change).Steps[0];
        (TinyRun eager, _) = Train(capture: false);
        (TinyRun replayed, StepStatistics statistics) = Train(capture: true);
        Assert.That(replayed.Weights, Is.EqualTo(eager.Weights), "replayed steps give the same bits");
        Assert.That((statistics.Failure, statistics.Replayed > 0), Is.EqualTo(((string?)null, true)));
        foreach ((string name, double loss) in expected.Losses)
        {
            Assert.That(eager.Steps[0].Losses[name], Is.EqualTo(loss).Within(Tolerance), name);
        }

        (TinyRun Run, StepStatistics Statistics) Train(bool capture)
        {
            using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture });
            TinyRun run = TinyRun.On(device.Backend, method, "fast", Change);
            Assert.That(device.Backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
            device.AssertClean();
            return (run, device.Backend.Steps);
        }
    }

    // What they decide is read in the middle of a step, which is then not replayed; what they compute is the same.
    [TestCase("adashare_instance", "fast")]
    [TestCase("blockdrop", "fast")]
    [TestCase("spottune", "fast")]
    [TestCase("den", "fast")]
    [TestCase("routing", "fast")]
    [TestCase("spottune", "bfloat16")]
    [TestCase("den", "bfloat16")]
    public void Methods_that_decide_for_each_image_start_from_the_CPUs_losses_and_repeat_themselves(string method, string numerics)
    {
        IMethod known = MethodRegistry.Get(method);
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        StepRecord expected = TinyRun.On(cpu, known, "fast").Steps[0];
        TinyRun eager = Train(capture: false), recorded = Train(capture: true);
        Assert.That(recorded.Weights, Is.EqualTo(eager.Weights), "recorded steps give the same bits");
        Assert.That(eager.Steps.SelectMany(static step => step.Losses.Values), Has.All.Matches<double>(double.IsFinite));
        foreach (string task in new[] { "seg", "sn" })
        {
            double loss = expected.Losses[task];
            Assert.That(eager.Steps[0].Losses[task], Is.EqualTo(loss).Within(numerics == "fast" ? Tolerance : Bfloat16Share * loss), task);
        }

        TinyRun Train(bool capture)
        {
            using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture });
            TinyRun run = TinyRun.On(device.Backend, known, numerics);
            Assert.That(device.Backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
            Assert.That(device.Backend.Steps.Failure, Is.Null);
            device.AssertClean();
            return run;
        }
    }

    private static (TinyRun Run, StepStatistics Statistics) TrainSimulated(bool capture, string numerics = "fast", string weighting = "static", int searchSteps = 8)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture });
        TinyRun run = TinyRun.On(device.Backend, numerics, weighting, searchSteps);
        Assert.That(device.Backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
        StepStatistics statistics = device.Backend.Steps;
        device.AssertClean();
        return (run, statistics);
    }
}
