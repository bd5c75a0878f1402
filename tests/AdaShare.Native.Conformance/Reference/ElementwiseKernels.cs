using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Element-wise arithmetic through explicit index tables.</summary>
internal sealed class ElementwiseKernels(ReferenceBackend backend) : IElementwiseKernels
{
    /// <inheritdoc/>
    public void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] a = left.Load(), b = right.Load(), y = new double[output.Count];
        int[] ia = TensorValues.BroadcastIndices(left.Shape, output.Shape), ib = TensorValues.BroadcastIndices(right.Shape, output.Shape);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Apply(op, a[ia[i]], b[ib[i]]);
        }

        output.Store(y);
    }

    /// <inheritdoc/>
    public void Unary(UnaryFunction function, Tensor input, Tensor output)
    {
        backend.Count(nameof(backend.Elementwise));
        output.Store(Array.ConvertAll(input.Load(), x => ReferenceFunctions.Apply(function, x)));
    }

    /// <inheritdoc/>
    public void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] x = input.Load(), dy = gradOutput.Load();
        for (int i = 0; i < x.Length; i++)
        {
            dy[i] *= ReferenceFunctions.Derivative(function, x[i]);
        }

        gradInput.Store(dy, accumulate);
    }

    /// <inheritdoc/>
    public void Compare(CompareOp op, Tensor left, Tensor right, Tensor output)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] a = left.Load(), b = right.Load();
        int[] ia = TensorValues.BroadcastIndices(left.Shape, output.Shape), ib = TensorValues.BroadcastIndices(right.Shape, output.Shape);
        output.Store([.. ia.Zip(ib, (i, j) => Holds(op, a[i], b[j]) ? 1.0 : 0.0)]);
    }

    /// <inheritdoc/>
    public void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] m = mask.Load(), y = new double[output.Count];
        double[] a = left?.Load() ?? [0], b = right?.Load() ?? [0];
        int[] im = TensorValues.BroadcastIndices(mask.Shape, output.Shape);
        int[] ia = TensorValues.BroadcastIndices(left?.Shape ?? Shape.Scalar, output.Shape), ib = TensorValues.BroadcastIndices(right?.Shape ?? Shape.Scalar, output.Shape);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = m[im[i]] != 0 ? a[ia[i]] : b[ib[i]];
        }

        output.Store(y);
    }

    /// <inheritdoc/>
    public void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] x = source.Load(), y = target.Load();
        var index = new int[sizes.Rank];
        for (long i = 0; i < sizes.Count; i++)
        {
            long rest = i, s = from.Start, t = to.Start;
            for (int d = sizes.Rank - 1; d >= 0; d--)
            {
                index[d] = (int)(rest % sizes[d]);
                rest /= sizes[d];
                s += index[d] * from[d];
                t += index[d] * to[d];
            }

            y[t] = accumulate ? y[t] + x[s] : x[s];
        }

        target.Store(y);
    }

    /// <inheritdoc/>
    public void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] x = input.Load();
        int[] indices = TensorValues.BroadcastIndices(input.Shape, output.Shape);
        output.Store(Array.ConvertAll(indices, i => (scale * x[i]) + shift), accumulate);
    }

    /// <inheritdoc/>
    public void Fill(Tensor target, double value)
    {
        backend.Count(nameof(backend.Elementwise));
        var values = new double[target.Count];
        Array.Fill(values, value);
        target.Store(values);
    }

    /// <inheritdoc/>
    public void Cast(Tensor input, Tensor output, bool accumulate = false)
    {
        backend.Count(nameof(backend.Elementwise));
        output.Store(input.Load(), accumulate);
    }

    /// <inheritdoc/>
    public void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] from = source.Load(), to = target.Load();
        for (long b = 0; b < blocks; b++)
        {
            for (long i = 0; i < length; i++)
            {
                long s = sourceStart + (b * sourceStride) + i, t = targetStart + (b * targetStride) + i;
                to[t] = accumulate ? to[t] + from[s] : from[s];
            }
        }

        target.Store(to);
    }

    private static double Apply(BinaryOp op, double a, double b) => op switch
    {
        BinaryOp.Add => a + b,
        BinaryOp.Subtract => a - b,
        BinaryOp.Multiply => a * b,
        BinaryOp.Divide => a / b,
        BinaryOp.Maximum => Math.Max(a, b),
        BinaryOp.Minimum => Math.Min(a, b),
        BinaryOp.Exceeds => a > b ? 1 : a == b ? 0.5 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function"),
    };

    private static bool Holds(CompareOp op, double a, double b) => op switch
    {
        CompareOp.Equal => a == b,
        CompareOp.NotEqual => a != b,
        CompareOp.Less => a < b,
        CompareOp.LessOrEqual => a <= b,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown comparison"),
    };
}
