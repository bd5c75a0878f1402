using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Softmax over the last dimension: e^(x - max) / sum; its logarithm: x - max - log sum.</summary>
internal sealed class SoftmaxKernels(ReferenceBackend backend) : ISoftmaxKernels
{
    /// <inheritdoc/>
    public void Forward(Tensor input, bool logarithm, Tensor output)
    {
        backend.Count(nameof(backend.Softmax));
        double[] x = input.Load(), y = new double[x.Length];
        int length = input.Shape[-1];
        for (int start = 0; start < x.Length; start += length)
        {
            LogSoftmax(x.AsSpan(start, length), y.AsSpan(start, length));
        }

        output.Store(logarithm ? y : Array.ConvertAll(y, Math.Exp));
    }

    /// <inheritdoc/>
    public void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Softmax));
        double[] y = output.Load(), dy = gradOutput.Load(), dx = new double[y.Length];
        int length = output.Shape[-1];
        for (int start = 0; start < y.Length; start += length)
        {
            double sum = 0;
            for (int i = start; i < start + length; i++)
            {
                sum += logarithm ? dy[i] : dy[i] * y[i];
            }

            for (int i = start; i < start + length; i++)
            {
                dx[i] = logarithm ? dy[i] - (Math.Exp(y[i]) * sum) : y[i] * (dy[i] - sum);
            }
        }

        gradInput.Store(dx, accumulate);
    }

    /// <summary>The logarithm of softmax of one row.</summary>
    internal static void LogSoftmax(ReadOnlySpan<double> x, Span<double> y)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double value in x)
        {
            largest = Math.Max(largest, value);
        }

        foreach (double value in x)
        {
            sum += Math.Exp(value - largest);
        }

        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] - largest - Math.Log(sum);
        }
    }
}
