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
internal readonly record struct KMaxSizes(long Rows, int Width, int Channels, int K);

/// <summary>
/// Channels of rows of a k-max pooling. A heap holds the columns of the k largest so far, the least of them at the top, so that most columns cost one comparison and any k is affordable.
/// </summary>
internal readonly unsafe struct KMaxPoolBody<T>(CpuScratch scratch, KMaxSizes sizes, T* input, T* output, int* indices) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        int* heap = scratch.Local<int>(ScratchSlot.Small, sizes.K);
        for (long item = start; item < end; item++)
        {
            (long row, long channel) = Math.DivRem(item, sizes.Channels);
            T* values = input + (row * sizes.Width * sizes.Channels) + channel;
            Select(values, heap);
            new Span<int>(heap, sizes.K).Sort();
            long target = (row * sizes.K * sizes.Channels) + channel;
            for (int i = 0; i < sizes.K; i++, target += sizes.Channels)
            {
                output[target] = values[(long)heap[i] * sizes.Channels];
                if (indices != null)
                {
                    indices[target] = heap[i];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Select(T* values, int* heap)
    {
        int k = sizes.K;
        for (int i = 0; i < k; i++)
        {
            heap[i] = i;
        }

        for (int i = (k / 2) - 1; i >= 0; i--)
        {
            Sink(values, heap, i);
        }

        // A later column of the same value does not displace an earlier one.
        T least = values[(long)heap[0] * sizes.Channels];
        for (int x = k; x < sizes.Width; x++)
        {
            T value = values[(long)x * sizes.Channels];
            if (IsLarger(value, least))
            {
                heap[0] = x;
                Sink(values, heap, 0);
                least = values[(long)heap[0] * sizes.Channels];
            }
        }
    }

    private void Sink(T* values, int* heap, int at)
    {
        int column = heap[at];
        for (int child = (2 * at) + 1; child < sizes.K; child = (2 * at) + 1)
        {
            child += child + 1 < sizes.K && IsBehind(values, heap[child + 1], heap[child]) ? 1 : 0;
            if (!IsBehind(values, heap[child], column))
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = column;
    }

    // Whether one column is given up before another: it holds less, or as much and stands later.
    private bool IsBehind(T* values, int column, int other)
    {
        T value = values[(long)column * sizes.Channels], otherValue = values[(long)other * sizes.Channels];
        return IsLarger(otherValue, value) || (column > other && !IsLarger(value, otherValue));
    }

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
