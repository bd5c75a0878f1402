using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>The schoolbook product: result[m, n] = sum over k of left[m, k] right[k, n].</summary>
internal sealed class MatrixKernels(ReferenceBackend backend) : IMatrixKernels
{
    /// <inheritdoc/>
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        backend.Count(nameof(backend.Matrix));
        int rows = result.Shape[0], columns = result.Shape[1], depth = left.Shape[transposeLeft ? 0 : 1];
        double[] a = left.Load(), b = right.Load(), c = new double[result.Count];
        for (int m = 0; m < rows; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                for (int k = 0; k < depth; k++)
                {
                    c[(m * columns) + n] += a[transposeLeft ? (k * rows) + m : (m * depth) + k] * b[transposeRight ? (n * depth) + k : (k * columns) + n];
                }
            }
        }

        result.Store(c, accumulate);
    }
}
