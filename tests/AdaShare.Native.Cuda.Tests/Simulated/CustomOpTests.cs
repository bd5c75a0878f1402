using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Cuda.Tests.RealDevice;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Samples;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>The op of samples/custom-op on both devices: its gradients, in a captured step, in a profile.</summary>
[TestFixture]
public sealed class CustomOpTests
{
    private const int Steps = 6;

    [TestCase(DType.Float64)]
    [TestCase(DType.Float32)]
    public void Its_gradients_are_right_on_the_cpu(DType type)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, PoisonMemory = true });
        Check(backend, type);
    }

    [Test]
    public void Its_gradients_are_right_on_the_simulated_device([Values(0, 4)] int misalignment)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { Misalignment = misalignment });
        Check(device.Backend, DType.Float32);
        device.AssertClean();
    }

    [Test]
    [Category(Gpu.Category)]
    public void Its_gradients_are_right_on_a_real_device()
    {
        Gpu.Require();
        using CudaBackend backend = Gpu.Open(new CudaBackendOptions())!;
        Check(backend, DType.Float32);
    }

    [Test]
    public void Both_devices_agree_where_one_input_wants_a_gradient_or_both([Values(0, 1, 2)] int watched, [Values(1, 259)] int rows)
    {
        using var device = new SimulatedBackend();
        using var cpu = new CpuBackend();
        (float[] output, float[]?[] gradients) expected = Run(cpu, watched, rows), found = Run(device.Backend, watched, rows);
        Assert.That(found.output, Is.EqualTo(expected.output).Within(1e-6));
        Assert.That(found.gradients[0] is null, Is.EqualTo(watched == 1));
        Assert.That(found.gradients[1] is null, Is.EqualTo(watched == 0));
        for (int i = 0; i < 2; i++)
        {
            Assert.That(found.gradients[i], expected.gradients[i] is { } gradient ? Is.EqualTo(gradient).Within(2e-6) : Is.Null);
        }

        device.AssertClean();
    }

    [Test]
    public void A_step_with_it_is_captured_and_replayed_with_the_same_bits()
    {
        (float[] weights, StepStatistics statistics) replayed = Train(capture: true), eager = Train(capture: false);
        Assert.That(replayed.statistics, Is.EqualTo(new StepStatistics(1, 1, Steps - 2, null)));
        Assert.That(eager.statistics, Is.EqualTo(new StepStatistics(0, 0, 0, null)));
        Assert.That(replayed.weights, Is.EqualTo(eager.weights));
    }

    [Test]
    public void A_profile_times_it_under_its_name()
    {
        using var device = new SimulatedBackend();
        using (var backend = new ProfilingBackend(device.Backend))
        {
            Profile profile = backend.Profile(() =>
            {
                using var step = new Step(backend);
                Tensor x = step.Watch(step.FromHost<float>(new Shape(3), [1, 2, 3]));
                step.Backward(step.Sum(step.SwiGlu(x, step.FromHost<float>(new Shape(3), [4, 5, 6]))));
            });
            Assert.That(profile.Rows.Select(static row => row.Op), Is.SupersetOf(new[] { "swiglu forward [3]", "swiglu backward [3]" }));
        }

        device.AssertClean();
    }

    private static void Check(Backend backend, DType type) => GradientCheck.Of(
        backend, static (step, x) => step.SwiGlu(x[0], x[1]), [Normal("gate"), Normal("up")], new GradientCheckOptions { Type = type, ElementsPerInput = 6 }).ThrowIfWrong();

    private static GradientCheckInput Normal(string name)
    {
        RandomStream stream = RandomStream.For(1, name, 0);
        return new GradientCheckInput(name, new Shape(3, 5), [.. Enumerable.Range(0, 15).Select(i => stream.Normal((ulong)i))]);
    }

    private static (float[] Output, float[]?[] Gradients) Run(Backend backend, int watched, int rows)
    {
        using var step = new Step(backend);
        Tensor[] inputs = [.. Enumerable.Range(0, 2).Select(input => step.FromHost<float>(new Shape(rows, 3), [.. Enumerable.Range(0, rows * 3).Select(i => MathF.Sin((7 * i) + input))]))];
        for (int i = 0; i < 2; i++)
        {
            if (watched == i || watched == 2)
            {
                step.Watch(inputs[i]);
            }
        }

        Tensor output = step.Keep(step.SwiGlu(inputs[0], inputs[1]));
        step.Backward(step.Mean(step.Square(output)));
        return (output.ToArray<float>(), [.. inputs.Select(input => step.GradientOf(input)?.ToArray<float>())]);
    }

    private static (float[] Weights, StepStatistics Statistics) Train(bool capture)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture });
        float[] weights;
        using (var store = new ParameterStore())
        {
            ParameterGroup group = store.Group("weights");
            Parameter gate = group.Add("gate", new Shape(5), Initializers.Normal(0, 1)), up = group.Add("up", new Shape(5), Initializers.Normal(0, 1));
            store.Allocate(device.Backend, DType.Float32);
            store.Initialize(1);
            using var adam = new Adam(store, [new OptimizerGroup(group, 0.1)], []);
            for (int i = 0; i < Steps; i++)
            {
                float target = i;
                using var step = new Step(device.Backend);
                device.Backend.RunStep("train", () =>
                {
                    Tensor error = step.Subtract(step.SwiGlu(gate.Value, up.Value), step.FromHost<float>(new Shape(5), [target, 1, 2, 3, target]));
                    adam.BackwardAndStep(step, step.Mean(step.Square(error)));
                });
            }

            weights = group.Values.ToArray<float>();
        }

        StepStatistics statistics = device.Backend.Steps;
        device.AssertClean();
        return (weights, statistics);
    }
}
