using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>When steps are captured, replayed and captured anew. That results are the same bits is tested on the simulated device.</summary>
[TestFixture]
public sealed class StepGraphTests
{
    [Test]
    public void The_first_step_runs_op_by_op_the_second_is_captured_the_others_are_replayed()
    {
        using var device = new FakeDevice();
        Run(device, 5);
        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(1, 1, 3, null)));
        Assert.That(device.Driver.Kernels, Is.EqualTo(Enumerable.Repeat("relu_forward", 5)));
        Assert.That(device.Driver.Count(nameof(ICudaDriver.LaunchKernel)), Is.EqualTo(2), "once alone, once for the capture");
        Assert.That(device.Driver.Count(nameof(ICudaDriver.GraphLaunch)), Is.EqualTo(4));
    }

    [Test]
    public void Inputs_differ_from_step_to_step()
    {
        using var device = new FakeDevice();
        Tensor kept = Tensor.Allocate(device.Backend, new Shape(3), DType.Float32);
        for (int i = 0; i < 5; i++)
        {
            float[] values = [i, i + 1, i + 2];
            device.Backend.RunStep("step", () =>
            {
                using var step = new Step(device.Backend, recordGradients: false);
                Tensor input = step.FromHost<float>(new Shape(3), values);
                device.Backend.Elementwise.Affine(input, 1, 0, kept, false);
            });
            Assert.That(kept.ToArray<float>(), Is.EqualTo(values));
        }

        Assert.That(device.Backend.Steps.Replayed, Is.EqualTo(3));
    }

    [Test]
    public void Another_shape_is_captured_anew_and_a_step_that_never_repeats_runs_op_by_op()
    {
        using var device = new FakeDevice();
        for (int i = 0; i < 8; i++)
        {
            Run(device, 1, count: i + 1);
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(4, 4, 0, null)));
    }

    [Test]
    public void Keys_have_graphs_of_their_own()
    {
        using var device = new FakeDevice();
        for (int i = 0; i < 4; i++)
        {
            Run(device, 1, key: "a", count: 3);
            Run(device, 1, key: "b", count: 300);
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(2, 2, 4, null)));
    }

    [Test]
    public void Old_graphs_are_forgotten()
    {
        using var device = new FakeDevice();
        for (int i = 0; i < 20; i++)
        {
            Run(device, 2, key: $"key {i}");
        }

        Assert.That(device.Driver.Count(nameof(ICudaDriver.GraphExecDestroy)), Is.EqualTo(4));
        device.Backend.Dispose();
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void Reading_a_tensor_has_the_step_so_far_done()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2), DType.Float32);
        for (int i = 0; i < 8; i++)
        {
            float value = i;
            device.Backend.RunStep("step", () =>
            {
                tensor.CopyFrom<float>([value, value]);
                Assert.That(tensor.ToArray<float>(), Is.All.EqualTo(value));
                device.Backend.Elementwise.Fill(tensor, -1);
            });
            Assert.That(tensor.ToArray<float>(), Is.All.EqualTo(-1f));
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(8, 0, 0, null)));
    }

    [Test]
    public void A_step_that_sends_more_than_before_runs_op_by_op_once()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(3000), DType.Float32);
        foreach (int count in (int[])[10, 10, 3000, 3000, 3000])
        {
            device.Backend.RunStep("step", () => tensor.Part(0, new Shape(count)).CopyFrom<float>(new float[count]));
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(2, 2, 1, null)));
    }

    [Test]
    public void A_prefix_may_differ_in_length_and_nothing_else_crosses_the_bus()
    {
        using var device = new FakeDevice();
        Tensor kept = Tensor.Allocate(device.Backend, new Shape(500), DType.Float32);
        var sent = new List<long>();
        foreach (int count in (int[])[16, 500, 32, 0, 499, 48])
        {
            float[] values = [.. Enumerable.Range(0, count).Select(i => (float)(i + count))];
            long before = device.Driver.SentBytes;
            device.Backend.RunStep("step", () =>
            {
                using var step = new Step(device.Backend, recordGradients: false);
                Tensor input = step.FromHostPrefix<float>(kept.Shape, values);
                _ = step.FromHost<float>(new Shape(16), new float[16]);
                device.Backend.Elementwise.Affine(input, 1, 0, kept, false);
            });
            sent.Add(device.Driver.SentBytes - before);
            Assert.That(kept.ToArray<float>()[..count], Is.EqualTo(values));
        }

        // 64 bytes are those of the other input; a step that is held back sends whole lines of 64 bytes.
        Assert.That(sent, Is.EqualTo(new long[] { 64 + 64, 2048 + 64, 128 + 64, 64, 2048 + 64, 192 + 64 }));
        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(1, 1, 4, null)));
    }

    [Test]
    public void Where_the_driver_does_not_capture_steps_run_op_by_op_and_the_cause_is_kept([Values("StreamEndCapture", "GraphInstantiate")] string call)
    {
        using var device = new FakeDevice();
        device.Driver.Fail(call, CudaResult.StreamCaptureInvalidated);
        Run(device, 3);
        Assert.That(device.Backend.Steps.OpByOp, Is.EqualTo(3));
        Assert.That(device.Backend.Steps.Failure, Does.Contain("capturing step step").And.Contain("(901)"));
        Assert.That(device.Driver.Kernels.Count, Is.EqualTo(3), "what was not captured was done");
    }

    [Test]
    public void A_step_whose_code_fails_leaves_nothing_behind()
    {
        using var device = new FakeDevice();
        Run(device, 2);
        Assert.That(() => device.Backend.RunStep("step", () => throw new InvalidDataException()), Throws.TypeOf<InvalidDataException>());
        Run(device, 1);
        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(1, 1, 1, null)));
    }

    [Test]
    public void Capturing_can_be_switched_off()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { CaptureSteps = false } };
        Run(device, 3);
        Assert.That(device.Driver.Count(nameof(ICudaDriver.StreamBeginCapture)), Is.Zero);
        Assert.That(device.Driver.Kernels.Count, Is.EqualTo(3));
    }

    [Test]
    public void Memory_can_be_given_back_within_a_step()
    {
        using var device = new FakeDevice();
        device.Driver.Capacity = 100 << 20;
        for (int i = 0; i < 3; i++)
        {
            device.Backend.RunStep("step", () =>
            {
                using var step = new Step(device.Backend, recordGradients: false);
                Tensor first = step.New(new Shape(12 << 20), DType.Float32);
                device.Backend.Activation.Relu(first, first);
                step.Release(first);
                Tensor second = step.New(new Shape(14 << 20), DType.Float32);
                device.Backend.Activation.Relu(second, second);
            });
        }

        Assert.That(device.Driver.Kernels.Count, Is.EqualTo(6));
    }

    private static void Run(FakeDevice device, int times, int count = 3, string key = "step")
    {
        for (int i = 0; i < times; i++)
        {
            device.Backend.RunStep(key, () =>
            {
                using var step = new Step(device.Backend, recordGradients: false);
                Tensor input = step.FromHost<float>(new Shape(count), new float[count]);
                device.Backend.Activation.Relu(input, step.New(input.Shape, DType.Float32));
            });
        }
    }
}
