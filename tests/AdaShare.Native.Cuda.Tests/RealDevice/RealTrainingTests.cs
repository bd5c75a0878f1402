using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Graphs;

namespace AdaShare.Native.Cuda.Tests.RealDevice;

/// <summary>A whole run on the machine's own GPU: by graphs that are replayed, step by step, and beside the CPU.</summary>
[TestFixture]
[Category(Gpu.Category)]
[NonParallelizable]
public sealed class RealTrainingTests
{
    // Before any update, rounding is the only difference; later ones amplify it.
    private const double FirstStepTolerance = 1e-4;

    [Test]
    public void Three_phases_give_the_same_bits_op_by_op_and_replayed()
    {
        (TinyRun eager, _) = Train(new CudaBackendOptions { CaptureSteps = false });
        (TinyRun replayed, StepStatistics statistics) = Train(new CudaBackendOptions());
        Assert.That(statistics.Failure, Is.Null);
        Assert.That(statistics.Replayed, Is.GreaterThanOrEqualTo(eager.Steps.Count / 3));
        Assert.That(replayed.Weights, Is.EqualTo(eager.Weights));
        for (int i = 0; i < eager.Steps.Count; i++)
        {
            Assert.That(replayed.Steps[i].Losses, Is.EqualTo(eager.Steps[i].Losses), $"{eager.Steps[i].Phase}, step {eager.Steps[i].Step}");
        }
    }

    [Test]
    public void The_first_step_gives_the_CPUs_losses()
    {
        Gpu.Require();
        using var cpu = new CpuBackend();
        TinyRun expected = TinyRun.On(cpu);
        (TinyRun run, _) = Train(new CudaBackendOptions());
        Assert.That(run.Steps, Has.Count.EqualTo(expected.Steps.Count));
        foreach ((string name, double loss) in expected.Steps[0].Losses)
        {
            Assert.That(run.Steps[0].Losses[name], Is.EqualTo(loss).Within(FirstStepTolerance), name);
        }
    }

    [TestCase("fast")]
    [TestCase("bfloat16")]
    public void Three_phases_run_with_smaller_numbers(string numerics)
    {
        (TinyRun run, StepStatistics statistics) = Train(new CudaBackendOptions { AllowTf32 = true }, numerics);
        Assert.That(run.Steps.SelectMany(step => step.Losses.Values), Has.All.Matches<double>(double.IsFinite));
        Assert.That(statistics.Failure, Is.Null);
    }

    private static (TinyRun Run, StepStatistics Statistics) Train(CudaBackendOptions options, string numerics = "fast")
    {
        Gpu.Require();
        using CudaBackend backend = Gpu.Open(options)!;
        TinyRun run = TinyRun.On(backend, numerics);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
        return (run, backend.Steps);
    }
}
