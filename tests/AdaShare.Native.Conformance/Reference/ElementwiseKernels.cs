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
    public void Unary(UnaryOp op, Tensor input, Tensor output)
    {
        backend.Count(nameof(backend.Elementwise));
        output.Store(Array.ConvertAll(input.Load(), x => Apply(op, x)));
    }

    /// <inheritdoc/>
    public void UnaryBackward(UnaryOp op, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Elementwise));
        double[] x = input.Load(), dy = gradOutput.Load();
        for (int i = 0; i < x.Length; i++)
        {
            dy[i] *= Derivative(op, x[i]);
        }

        gradInput.Store(dy, accumulate);
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
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function"),
    };

    private static double Apply(UnaryOp op, double x) => op switch
    {
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => Math.Log(x),
        UnaryOp.Sqrt => Math.Sqrt(x),
        UnaryOp.Abs => Math.Abs(x),
        UnaryOp.Square => x * x,
        UnaryOp.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function"),
    };

    private static double Derivative(UnaryOp op, double x) => op switch
    {
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => 1 / x,
        UnaryOp.Sqrt => 0.5 / Math.Sqrt(x),
        UnaryOp.Abs => Math.Sign(x),
        UnaryOp.Square => 2 * x,
        UnaryOp.Sigmoid => Apply(UnaryOp.Sigmoid, x) * Apply(UnaryOp.Sigmoid, -x),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function"),
    };
}
