using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The rows or columns of the input inside one window, and the window's size by which PyTorch divides.</summary>
internal readonly struct PoolWindow
{
    /// <summary>The window at a position of the output, in one direction.</summary>
    public PoolWindow(int position, int kernel, int stride, int padding, int size)
    {
        int start = (position * stride) - padding;
        Start = Math.Max(0, start);
        End = Math.Min(start + kernel, size);

        // In ceil mode the last window may reach beyond the padding; what lies there does not count even where padding does.
        Padded = Math.Min(start + kernel, size + padding) - start;
    }

    /// <summary>The first pixel inside.</summary>
    public int Start { get; }

    /// <summary>The pixel after the last one inside.</summary>
    public int End { get; }

    /// <summary>The pixels of the window, padding counted.</summary>
    public int Padded { get; }

    /// <summary>The first position whose window holds a pixel.</summary>
    public static int First(int pixel, int kernel, int stride, int padding) =>
        pixel + padding < kernel ? 0 : ((pixel + padding - kernel) / stride) + 1;

    /// <summary>The position after the last one whose window holds a pixel.</summary>
    public static int Last(int pixel, int stride, int padding, int outputs) => Math.Min(outputs, ((pixel + padding) / stride) + 1);
}

/// <summary>Output pixels of a max pooling. The first NaN of a window is its maximum, as in PyTorch.</summary>
internal readonly unsafe struct MaxPoolBody<T>(PoolGeometry g, T* input, T* output, int* indices) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            (long row, long ox) = Math.DivRem(pixel, (long)g.OutputWidth);
            (long n, long oy) = Math.DivRem(row, (long)g.OutputHeight);
            var rows = new PoolWindow((int)oy, g.KernelHeight, g.Stride, g.Padding, g.InputHeight);
            var columns = new PoolWindow((int)ox, g.KernelWidth, g.Stride, g.Padding, g.InputWidth);
            T* image = input + (n * g.InputHeight * g.InputWidth * g.Channels);
            Window(image, rows, columns, g.InputWidth, g.Channels, output + (pixel * g.Channels), indices == null ? null : indices + (pixel * g.Channels));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Window(T* image, PoolWindow rows, PoolWindow columns, int width, int channels, T* output, int* indices)
    {
        int c = 0;
        for (; typeof(T) == typeof(float) && c <= channels - 8; c += 8)
        {
            Vector256<float> best = Vector256.Create(float.NegativeInfinity);
            Vector256<int> index = Vector256.Create((rows.Start * width) + columns.Start);
            for (int y = rows.Start; y < rows.End; y++)
            {
                for (int x = columns.Start; x < columns.End; x++)
                {
                    int pixel = (y * width) + x;
                    Vector256<float> value = Vector256.Load((float*)image + ((long)pixel * channels) + c);
                    Vector256<float> larger = Vector256.GreaterThan(value, best) | (IsNaN(value) & ~IsNaN(best));
                    best = Vector256.ConditionalSelect(larger, value, best);
                    index = Vector256.ConditionalSelect(larger.AsInt32(), Vector256.Create(pixel), index);
                }
            }

            best.Store((float*)output + c);
            if (indices != null)
            {
                index.Store(indices + c);
            }
        }

        for (; c < channels; c++)
        {
            T best = T.NegativeInfinity;
            int index = (rows.Start * width) + columns.Start;
            for (int y = rows.Start; y < rows.End; y++)
            {
                for (int x = columns.Start; x < columns.End; x++)
                {
                    int pixel = (y * width) + x;
                    T value = image[((long)pixel * channels) + c];
                    bool larger = value > best || (T.IsNaN(value) && !T.IsNaN(best));
                    index = larger ? pixel : index;
                    best = larger ? value : best;
                }
            }

            output[c] = best;
            if (indices != null)
            {
                indices[c] = index;
            }
        }
    }

    private static Vector256<float> IsNaN(Vector256<float> value) => ~Vector256.Equals(value, value);
}

/// <summary>Input pixels of a max pooling's gradient: each takes what the windows over it send to it.</summary>
internal readonly unsafe struct MaxPoolGradientBody<T>(PoolGeometry g, int* indices, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            (long row, long x) = Math.DivRem(pixel, (long)g.InputWidth);
            (long n, long y) = Math.DivRem(row, (long)g.InputHeight);
            Gather(n, (int)y, (int)x, gradInput + (pixel * g.Channels));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(long n, int y, int x, T* target)
    {
        int top = PoolWindow.First(y, g.KernelHeight, g.Stride, g.Padding), bottom = PoolWindow.Last(y, g.Stride, g.Padding, g.OutputHeight);
        int left = PoolWindow.First(x, g.KernelWidth, g.Stride, g.Padding), right = PoolWindow.Last(x, g.Stride, g.Padding, g.OutputWidth);
        int channels = g.Channels, width = g.OutputWidth, pixel = (y * g.InputWidth) + x, c = 0;
        long image = n * g.OutputHeight * width * channels;
        T* gradients = gradOutput + image;
        int* index = indices + image;
        for (; typeof(T) == typeof(float) && c <= channels - 8; c += 8)
        {
            Vector256<int> here = Vector256.Create(pixel);
            Vector256<float> sum = accumulate ? Vector256.Load((float*)target + c) : Vector256<float>.Zero;
            for (int oy = top; oy < bottom; oy++)
            {
                for (int ox = left; ox < right; ox++)
                {
                    long offset = ((((long)oy * width) + ox) * channels) + c;
                    sum += Vector256.Load((float*)gradients + offset) & Vector256.Equals(Vector256.Load(index + offset), here).AsSingle();
                }
            }

            sum.Store((float*)target + c);
        }

        for (; c < channels; c++)
        {
            T sum = accumulate ? target[c] : T.Zero;
            for (int oy = top; oy < bottom; oy++)
            {
                for (int ox = left; ox < right; ox++)
                {
                    long offset = ((((long)oy * width) + ox) * channels) + c;
                    sum += index[offset] == pixel ? gradients[offset] : T.Zero;
                }
            }

            target[c] = sum;
        }
    }
}

/// <summary>Output pixels of an average pooling.</summary>
internal readonly unsafe struct AveragePoolBody<T>(PoolGeometry g, T* input, T* output) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>What the sum of a window is divided by.</summary>
    public static T Divisor(in PoolGeometry g, in PoolWindow rows, in PoolWindow columns) =>
        T.CreateTruncating(g.CountPadding ? (long)rows.Padded * columns.Padded : (long)(rows.End - rows.Start) * (columns.End - columns.Start));

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            (long row, long ox) = Math.DivRem(pixel, (long)g.OutputWidth);
            (long n, long oy) = Math.DivRem(row, (long)g.OutputHeight);
            var rows = new PoolWindow((int)oy, g.KernelHeight, g.Stride, g.Padding, g.InputHeight);
            var columns = new PoolWindow((int)ox, g.KernelWidth, g.Stride, g.Padding, g.InputWidth);
            T* image = input + (n * g.InputHeight * g.InputWidth * g.Channels);
            Window(image, rows, columns, g.InputWidth, g.Channels, Divisor(g, rows, columns), output + (pixel * g.Channels));
        }
    }

    // Rows are summed on their own: in a window over a whole image an error grows with its height plus its width, not with its area.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Window(T* image, PoolWindow rows, PoolWindow columns, int width, int channels, T divisor, T* output)
    {
        int c = 0;
        for (; c <= channels - Vector256<T>.Count; c += Vector256<T>.Count)
        {
            Vector256<T> sum = default;
            for (int y = rows.Start; y < rows.End; y++)
            {
                Vector256<T> rowSum = default;
                for (int x = columns.Start; x < columns.End; x++)
                {
                    rowSum += Vector256.Load(image + ((((long)y * width) + x) * channels) + c);
                }

                sum += rowSum;
            }

            (sum / Vector256.Create(divisor)).Store(output + c);
        }

        for (; c < channels; c++)
        {
            T sum = T.Zero;
            for (int y = rows.Start; y < rows.End; y++)
            {
                T rowSum = T.Zero;
                for (int x = columns.Start; x < columns.End; x++)
                {
                    rowSum += image[((((long)y * width) + x) * channels) + c];
                }

                sum += rowSum;
            }

            output[c] = sum / divisor;
        }
    }
}

/// <summary>Input pixels of an average pooling's gradient.</summary>
internal readonly unsafe struct AveragePoolGradientBody<T>(PoolGeometry g, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            (long row, long x) = Math.DivRem(pixel, (long)g.InputWidth);
            (long n, long y) = Math.DivRem(row, (long)g.InputHeight);
            Gather(n, (int)y, (int)x, gradInput + (pixel * g.Channels));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(long n, int y, int x, T* target)
    {
        int top = PoolWindow.First(y, g.KernelHeight, g.Stride, g.Padding), bottom = PoolWindow.Last(y, g.Stride, g.Padding, g.OutputHeight);
        int left = PoolWindow.First(x, g.KernelWidth, g.Stride, g.Padding), right = PoolWindow.Last(x, g.Stride, g.Padding, g.OutputWidth);
        int channels = g.Channels, width = g.OutputWidth;
        T* image = gradOutput + (n * g.OutputHeight * width * channels);
        if (!accumulate)
        {
            new Span<T>(target, channels).Clear();
        }

        for (int oy = top; oy < bottom; oy++)
        {
            var rows = new PoolWindow(oy, g.KernelHeight, g.Stride, g.Padding, g.InputHeight);
            for (int ox = left; ox < right; ox++)
            {
                var columns = new PoolWindow(ox, g.KernelWidth, g.Stride, g.Padding, g.InputWidth);
                T* gradient = image + ((((long)oy * width) + ox) * channels);
                T share = T.One / AveragePoolBody<T>.Divisor(g, rows, columns);
                Vector256<T> shares = Vector256.Create(share);
                int c = 0;
                for (; c <= channels - Vector256<T>.Count; c += Vector256<T>.Count)
                {
                    Lanes.MultiplyAdd(Vector256.Load(gradient + c), shares, Vector256.Load(target + c)).Store(target + c);
                }

                for (; c < channels; c++)
                {
                    target[c] = T.FusedMultiplyAdd(gradient[c], share, target[c]);
                }
            }
        }
    }
}
