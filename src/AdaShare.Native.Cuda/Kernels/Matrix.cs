using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Products of matrices that are whole tensors.</summary>
internal sealed class MatrixKernels(DeviceContext context, Products products) : IMatrixKernels, IDescribable
{
    private string _current = string.Empty;

    /// <inheritdoc/>
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        _current = $"{left.Shape}{(transposeLeft ? "^T" : string.Empty)} {right.Shape}{(transposeRight ? "^T" : string.Empty)}";
        products.Multiply(
            this, At(left), transposeLeft, At(right), transposeRight, At(result), (result.Shape[0], result.Shape[1], left.Shape[transposeLeft ? 0 : 1]), accumulate);
    }

    /// <inheritdoc/>
    public string Describe() => $"matrix product {_current}";

    private MatrixAt At(Tensor tensor) => new(context.Pointer(tensor), tensor.DType, tensor.Shape[1]);
}
