using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>Copies in a stream of their own: they must not overtake the kernels that still use their target, nor be overtaken by those that read it.</summary>
[TestFixture]
public sealed class StreamTests
{
    private const int Count = 40_000;

    [Test]
    public void A_tensor_is_copied_to_again_while_kernels_use_it()
    {
        using var device = new SimulatedBackend();
        Tensor input = Tensor.Allocate(device.Backend, new Shape(Count), DType.Float32), sum = Tensor.Allocate(device.Backend, new Shape(Count), DType.Float32);
        device.Backend.Elementwise.Fill(sum, 0);
        for (int i = 1; i <= 5; i++)
        {
            input.CopyFrom<float>(Numbers(i));
            device.Backend.Elementwise.Affine(input, 1, 0, sum, accumulate: true);
        }

        Assert.That(sum.ToArray<float>(), Is.EqualTo(Numbers(15)));
        input.Storage.Release();
        sum.Storage.Release();
        device.AssertClean();
    }

    [Test]
    public void Memory_that_kernels_used_is_copied_to_after_them()
    {
        using var device = new SimulatedBackend();
        Tensor sum = Tensor.Allocate(device.Backend, new Shape(Count), DType.Float32);
        device.Backend.Elementwise.Fill(sum, 0);
        for (int i = 1; i <= 5; i++)
        {
            // The step's buffers change places: what was copied to becomes what kernels write, and the other way round.
            using var step = new Step(device.Backend, recordGradients: false);
            Tensor first = step.New(new Shape(Count), DType.Float32), second = step.FromHost<float>(new Shape(Count), Numbers(i));
            device.Backend.Activation.Relu(second, first);
            step.Release(second);
            Tensor third = step.FromHost<float>(new Shape(Count), Numbers(10 * i));
            device.Backend.Elementwise.Affine(first, 1, 0, sum, accumulate: true);
            device.Backend.Elementwise.Affine(third, 1, 0, sum, accumulate: true);
        }

        Assert.That(sum.ToArray<float>(), Is.EqualTo(Numbers(165)));
        sum.Storage.Release();
        device.AssertClean();
    }

    private static float[] Numbers(int factor) => [.. Enumerable.Range(0, Count).Select(i => (float)(factor * (i % 100)))];
}
