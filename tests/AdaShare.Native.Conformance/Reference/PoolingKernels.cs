using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Pooling window by window, as PyTorch's <c>MaxPool2d</c> and <c>AvgPool2d</c> define it, ceil mode included.</summary>
internal sealed class PoolingKernels(ReferenceBackend backend) : IPoolingKernels
{
    /// <inheritdoc/>
    public void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices)
    {
        backend.Count(nameof(backend.Pooling));
        double[] x = input.Load(), y = new double[output.Count], at = new double[output.Count];
        int channels = geometry.Channels;
        foreach (Window window in Windows(geometry))
        {
            for (int c = 0; c < channels; c++)
            {
                int o = (window.Output * channels) + c;
                y[o] = double.NegativeInfinity;
                foreach (int pixel in window.Pixels)
                {
                    double value = x[((window.FirstPixel + pixel) * channels) + c];
                    if (value > y[o] || (double.IsNaN(value) && !double.IsNaN(y[o])))
                    {
                        (y[o], at[o]) = (value, pixel);
                    }
                }
            }
        }

        output.Store(y);
        indices?.Store(at);
    }

    /// <inheritdoc/>
    public void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Pooling));
        int[] at = indices.LoadIntegers();
        double[] dy = gradOutput.Load(), dx = new double[gradInput.Count];
        int channels = geometry.Channels, outputs = dy.Length / geometry.Batch, inputs = dx.Length / geometry.Batch;
        for (int o = 0; o < dy.Length; o++)
        {
            dx[(o / outputs * inputs) + (at[o] * channels) + (o % channels)] += dy[o];
        }

        gradInput.Store(dx, accumulate);
    }

    /// <inheritdoc/>
    public void KMax(Tensor input, Tensor output, Tensor? indices)
    {
        backend.Count(nameof(backend.Pooling));
        double[] x = input.Load(), y = new double[output.Count], at = new double[output.Count];
        int width = input.Shape[2], channels = input.Shape[3], k = output.Shape[2];
        for (int o = 0; o < y.Length / k; o++)
        {
            (int row, int c) = (o / channels, o % channels);

            // OrderBy keeps the order of equals, so that the earlier ones are taken.
            int[] taken = [.. Enumerable.Range(0, width).OrderByDescending(i => Rank(Value(i))).ThenByDescending(Value).Take(k).Order()];
            for (int j = 0; j < k; j++)
            {
                int target = (((row * k) + j) * channels) + c;
                (y[target], at[target]) = (Value(taken[j]), taken[j]);
            }

            double Value(int i) => x[(((row * width) + i) * channels) + c];
        }

        output.Store(y);
        indices?.Store(at);

        static int Rank(double value) => double.IsNaN(value) ? 1 : 0;
    }

    /// <inheritdoc/>
    public void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Pooling));
        int[] at = indices.LoadIntegers();
        double[] dy = gradOutput.Load(), dx = new double[gradInput.Count];
        int width = gradInput.Shape[2], channels = gradInput.Shape[3], outputs = gradOutput.Shape[2] * channels;
        for (int o = 0; o < dy.Length; o++)
        {
            dx[(((o / outputs * width) + at[o]) * channels) + (o % channels)] += dy[o];
        }

        gradInput.Store(dx, accumulate);
    }

    /// <inheritdoc/>
    public void Average(in PoolGeometry geometry, Tensor input, Tensor output)
    {
        backend.Count(nameof(backend.Pooling));
        double[] x = input.Load(), y = new double[output.Count];
        int channels = geometry.Channels;
        foreach (Window window in Windows(geometry))
        {
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                foreach (int pixel in window.Pixels)
                {
                    sum += x[((window.FirstPixel + pixel) * channels) + c];
                }

                y[(window.Output * channels) + c] = sum / window.Divisor;
            }
        }

        output.Store(y);
    }

    /// <inheritdoc/>
    public void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Pooling));
        double[] dy = gradOutput.Load(), dx = new double[gradInput.Count];
        int channels = geometry.Channels;
        foreach (Window window in Windows(geometry))
        {
            foreach (int pixel in window.Pixels)
            {
                for (int c = 0; c < channels; c++)
                {
                    dx[((window.FirstPixel + pixel) * channels) + c] += dy[(window.Output * channels) + c] / window.Divisor;
                }
            }
        }

        gradInput.Store(dx, accumulate);
    }

    private static IEnumerable<Window> Windows(PoolGeometry g)
    {
        for (int n = 0; n < g.Batch; n++)
        {
            for (int oy = 0; oy < g.OutputHeight; oy++)
            {
                for (int ox = 0; ox < g.OutputWidth; ox++)
                {
                    yield return WindowAt(g, n, oy, ox);
                }
            }
        }
    }

    private static Window WindowAt(PoolGeometry g, int n, int oy, int ox)
    {
        // PyTorch's pool_size: a window that ceil mode lets hang over the trailing padding counts only up to that padding.
        int top = (oy * g.Stride) - g.Padding, bottom = Math.Min(top + g.KernelHeight, g.InputHeight + g.Padding);
        int left = (ox * g.Stride) - g.Padding, right = Math.Min(left + g.KernelWidth, g.InputWidth + g.Padding);
        var pixels = new List<int>();
        for (int y = Math.Max(top, 0); y < Math.Min(bottom, g.InputHeight); y++)
        {
            for (int x = Math.Max(left, 0); x < Math.Min(right, g.InputWidth); x++)
            {
                pixels.Add((y * g.InputWidth) + x);
            }
        }

        int output = (((n * g.OutputHeight) + oy) * g.OutputWidth) + ox;
        return new Window(output, n * g.InputHeight * g.InputWidth, pixels, g.CountPadding ? (bottom - top) * (right - left) : pixels.Count);
    }

    /// <summary>One window: its position among the outputs, its image's first pixel, its pixels within that image, and what a mean divides by.</summary>
    private sealed record Window(int Output, int FirstPixel, List<int> Pixels, int Divisor);
}
