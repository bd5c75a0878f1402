using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>How row-major products are asked of a column-major library.</summary>
[TestFixture]
public sealed class MatrixTests
{
    // [2, 3] [3, 4]: column by column the result is [4, 2] = [4, 3] [3, 2].
    [TestCase(false, false, false, "gemm None None 4x2x3 ld 4 3 4 alpha 1 beta 0 Float32")]
    [TestCase(true, false, false, "gemm None Transpose 4x2x3 ld 4 2 4 alpha 1 beta 0 Float32")]
    [TestCase(false, true, false, "gemm Transpose None 4x2x3 ld 3 3 4 alpha 1 beta 0 Float32")]
    [TestCase(true, true, true, "gemm Transpose Transpose 4x2x3 ld 3 2 4 alpha 1 beta 1 Float32")]
    public void Products_are_asked_for_transposed(bool transposeLeft, bool transposeRight, bool accumulate, string call)
    {
        using var device = new FakeDevice();
        Multiply(device, transposeLeft, transposeRight, accumulate);
        Assert.That(device.Cublas.Calls[^1], Is.EqualTo(call));
    }

    [TestCase(8, "workspace 4194304")]
    [TestCase(9, "workspace 33554432")]
    public void The_workspace_is_set_once_after_the_stream(int capability, string workspace)
    {
        using var device = new FakeDevice();
        device.Driver.Capability = (capability, 0);
        Multiply(device, false, false, false);
        Multiply(device, false, false, false);
        Assert.That(device.Cublas.Calls.Take(4), Is.EqualTo(new[] { "create", "stream", workspace, "math DisallowReducedPrecisionReduction" }));
        Assert.That(device.Cublas.Calls.Count, Is.EqualTo(6));
        device.Backend.Dispose();
        Assert.That(device.Cublas.Calls[^1], Is.EqualTo("destroy"));
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void TF32_is_asked_for_where_it_is_allowed()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { AllowTf32 = true } };
        Multiply(device, false, false, false);
        Assert.That(device.Cublas.Calls, Does.Contain("math Tf32TensorOp, DisallowReducedPrecisionReduction"));
        Assert.That(device.Cublas.Calls[^1], Does.EndWith("Float32FastTf32"));
        Assert.That(device.Backend.Description, Does.Contain("TF32 on"));
    }

    private static void Multiply(FakeDevice device, bool transposeLeft, bool transposeRight, bool accumulate)
    {
        Tensor left = Tensor.Allocate(device.Backend, transposeLeft ? new Shape(3, 2) : new Shape(2, 3), DType.Float32);
        Tensor right = Tensor.Allocate(device.Backend, transposeRight ? new Shape(4, 3) : new Shape(3, 4), DType.Float32);
        device.Backend.Matrix.Multiply(left, transposeLeft, right, transposeRight, Tensor.Allocate(device.Backend, new Shape(2, 4), DType.Float32), accumulate);
    }
}
