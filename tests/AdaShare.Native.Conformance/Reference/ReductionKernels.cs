using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Sums and maxima, element by element in row-major order.</summary>
internal sealed class ReductionKernels(ReferenceBackend backend) : IReductionKernels
{
    /// <inheritdoc/>
    public void Sum(Tensor input, Tensor output, double scale, bool accumulate)
    {
        backend.Count(nameof(backend.Reduction));
        double[] x = input.Load(), sum = new double[output.Count];
        int[] indices = TensorValues.BroadcastIndices(output.Shape, input.Shape);
        for (int i = 0; i < x.Length; i++)
        {
            sum[indices[i]] += x[i];
        }

        output.Store(Array.ConvertAll(sum, s => s * scale), accumulate);
    }

    /// <inheritdoc/>
    public void Max(Tensor input, Tensor? output, Tensor? indices)
    {
        backend.Count(nameof(backend.Reduction));
        double[] x = input.Load();
        int length = input.Shape[-1], rows = x.Length / length;
        var largest = new double[rows];
        var at = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            int best = 0;
            for (int i = 1; i < length; i++)
            {
                double value = x[(row * length) + i], largestSoFar = x[(row * length) + best];
                best = value > largestSoFar || (double.IsNaN(value) && !double.IsNaN(largestSoFar)) ? i : best;
            }

            (largest[row], at[row]) = (x[(row * length) + best], best);
        }

        output?.Store(largest);
        indices?.Store(at);
    }

    /// <inheritdoc/>
    public void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Reduction));
        int[] at = indices.LoadIntegers();
        double[] dy = gradOutput.Load(), dx = new double[gradInput.Count];
        int length = dx.Length / at.Length;
        for (int row = 0; row < at.Length; row++)
        {
            dx[(row * length) + at[row]] = dy[row];
        }

        gradInput.Store(dx, accumulate);
    }
}
