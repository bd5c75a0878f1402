using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The sizes of a k-max pooling, images and rows in one.</summary>
/// <param name="Rows">N H.</param>
/// <param name="Width">W.</param>
/// <param name="Channels">C.</param>
/// <param name="K">What is left of the width.</param>
internal readonly record struct KMaxSizes(long Rows, int Width, int Channels, int K)
{
    /// <summary>Channels that are done together: what a cache line holds.</summary>
    public const int Together = 16;

    /// <summary>Groups of channels of a row.</summary>
    public int Groups => (Channels + Together - 1) / Together;
}

/// <summary>
/// Groups of channels of rows of a k-max pooling. A group is laid out channel by channel first: along the width its columns are far apart in memory, often at multiples of a page. A heap holds
/// the columns of the k largest so far, the least of them at the top, so that most columns cost one comparison and any k is affordable.
/// </summary>
internal readonly unsafe struct KMaxPoolBody<T>(CpuScratch scratch, KMaxSizes sizes, T* input, T* output, int* indices) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        T* lines = scratch.Local<T>(ScratchSlot.Rows, (long)KMaxSizes.Together * sizes.Width);
        int* heap = scratch.Local<int>(ScratchSlot.Small, sizes.K);
        for (long item = start; item < end; item++)
        {
            (long row, long group) = Math.DivRem(item, sizes.Groups);
            int channel = (int)group * KMaxSizes.Together, channels = Math.Min(KMaxSizes.Together, sizes.Channels - channel);
            LayOut(input + (row * sizes.Width * sizes.Channels) + channel, lines, channels);
            for (int c = 0; c < channels; c++)
            {
                T* line = lines + ((long)c * sizes.Width);
                Select(line, heap);
                new Span<int>(heap, sizes.K).Sort();
                Write(line, heap, (row * sizes.K * sizes.Channels) + channel + c);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LayOut(T* source, T* lines, int channels)
    {
        for (int x = 0; x < sizes.Width; x++, source += sizes.Channels)
        {
            for (int c = 0; c < channels; c++)
            {
                lines[((long)c * sizes.Width) + x] = source[c];
            }
        }
    }

    private void Write(T* line, int* columns, long target)
    {
        for (int i = 0; i < sizes.K; i++, target += sizes.Channels)
        {
            output[target] = line[columns[i]];
            if (indices != null)
            {
                indices[target] = columns[i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Select(T* line, int* heap)
    {
        int k = sizes.K;
        for (int i = 0; i < k; i++)
        {
            heap[i] = i;
        }

        for (int i = (k / 2) - 1; i >= 0; i--)
        {
            Sink(line, heap, i);
        }

        // A later column of the same value does not displace an earlier one.
        T least = line[heap[0]];
        for (int x = k; x < sizes.Width; x++)
        {
            if (IsLarger(line[x], least))
            {
                heap[0] = x;
                Sink(line, heap, 0);
                least = line[heap[0]];
            }
        }
    }

    private void Sink(T* line, int* heap, int at)
    {
        int column = heap[at];
        for (int child = (2 * at) + 1; child < sizes.K; child = (2 * at) + 1)
        {
            child += child + 1 < sizes.K && IsBehind(line, heap[child + 1], heap[child]) ? 1 : 0;
            if (!IsBehind(line, heap[child], column))
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = column;
    }

    // Whether one column is given up before another: it holds less, or as much and stands later.
    private static bool IsBehind(T* line, int column, int other) =>
        IsLarger(line[other], line[column]) || (column > other && !IsLarger(line[column], line[other]));

    private static bool IsLarger(T value, T other) => value > other || (T.IsNaN(value) && !T.IsNaN(other));
}

/// <summary>Rows of a k-max pooling's gradient: zeros, and in the columns that were taken what their outputs received.</summary>
internal readonly unsafe struct KMaxPoolGradientBody<T>(KMaxSizes sizes, int* indices, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            T* target = gradInput + (row * sizes.Width * sizes.Channels);
            for (int x = 0; x < sizes.Width && !accumulate; x++)
            {
                new Span<T>(target + ((long)x * sizes.Channels), sizes.Channels).Clear();
            }

            long source = row * sizes.K * sizes.Channels;
            for (int i = 0; i < sizes.K; i++)
            {
                for (int c = 0; c < sizes.Channels; c++, source++)
                {
                    target[((long)indices[source] * sizes.Channels) + c] += gradOutput[source];
                }
            }
        }
    }
}
