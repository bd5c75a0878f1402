using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Sets every element.</summary>
internal readonly unsafe struct FillBody<T>(T* target, T value) : IRangeBody where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(long start, long end) => Leaf(target + start, end - start, value);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* target, long count, T value)
    {
        Vector256<T> values = Vector256.Create(value);
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            values.Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] = value;
        }
    }
}

/// <summary>Changes the element type; what an integer type cannot hold becomes its nearest number.</summary>
internal readonly unsafe struct CastBody<TFrom, TTo>(TFrom* source, TTo* target, bool accumulate) : IRangeBody
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        if (accumulate)
        {
            Add(source + start, target + start, end - start);
        }
        else
        {
            Write(source + start, target + start, end - start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(TFrom* x, TTo* y, long count)
    {
        for (long i = 0; i < count; i++)
        {
            y[i] = TTo.CreateSaturating(x[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(TFrom* x, TTo* y, long count)
    {
        for (long i = 0; i < count; i++)
        {
            y[i] += TTo.CreateSaturating(x[i]);
        }
    }
}

/// <summary>Copies or adds runs; the range counts elements of all runs one after the other.</summary>
internal readonly unsafe struct CopyBlocksBody<T>(T* source, long sourceStride, T* target, long targetStride, long length, bool accumulate) : IRangeBody
    where T : unmanaged, INumber<T>
{
    // Below this a call to copy memory costs more than a loop.
    private const int ShortRun = 16;

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        (long block, long column) = Math.DivRem(start, length);
        while (start < end)
        {
            T* from = source + (block * sourceStride) + column, to = target + (block * targetStride) + column;
            if (column == 0 && length <= ShortRun && end - start >= length)
            {
                long whole = (end - start) / length;
                CopyShort(from, sourceStride, to, targetStride, whole, length, accumulate);
                start += whole * length;
                block += whole;
                continue;
            }

            long count = Math.Min(length - column, end - start);
            if (accumulate)
            {
                Add(from, to, count);
            }
            else
            {
                Buffer.MemoryCopy(from, to, count * sizeof(T), count * sizeof(T));
            }

            start += count;
            block++;
            column = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyShort(T* from, long fromStride, T* to, long toStride, long blocks, long length, bool accumulate)
    {
        for (; blocks > 0; blocks--, from += fromStride, to += toStride)
        {
            for (long i = 0; i < length; i++)
            {
                to[i] = accumulate ? to[i] + from[i] : from[i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(T* from, T* to, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            (Vector256.Load(to + i) + Vector256.Load(from + i)).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] += from[i];
        }
    }
}
