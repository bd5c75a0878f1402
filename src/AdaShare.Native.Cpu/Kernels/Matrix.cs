using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Matrix products by <see cref="Product"/>.</summary>
/// <param name="threads">Where to compute.</param>
/// <param name="vectors">The width of the vectors, one that the processor has.</param>
internal sealed unsafe class MatrixKernels(CpuThreads threads, VectorWidth vectors) : IMatrixKernels
{
    private readonly MicroKernels<float> _single = new(vectors);
    private readonly MicroKernels<double> _double = new(vectors);

    /// <inheritdoc/>
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        if (result.DType == DType.Float64)
        {
            Multiply(_double, left, transposeLeft, right, transposeRight, result, accumulate);
        }
        else
        {
            Multiply(_single, left, transposeLeft, right, transposeRight, result, accumulate);
        }
    }

    private void Multiply<T>(MicroKernels<T> kernels, Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate) where T : unmanaged, INumberBase<T>
    {
        int depth = left.Shape[transposeLeft ? 0 : 1];
        var a = MatrixView<T>.Of(left.Pointer<T>(), left.Shape[1], transposeLeft);
        var b = MatrixView<T>.Of(right.Pointer<T>(), right.Shape[1], transposeRight);
        Product.Multiply(threads, kernels, result.Shape[0], result.Shape[1], depth, a, b, null, result.Pointer<T>(), accumulate);
    }
}
