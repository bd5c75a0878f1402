using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Work on a run of items whose results do not depend on where runs are cut.</summary>
internal interface IRangeBody
{
    /// <summary>Does the items from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    void Run(long start, long end);
}

/// <summary>Work on a numbered part of the items, which has a partial result of its own.</summary>
internal interface IPartBody
{
    /// <summary>Does part <paramref name="part"/>: the items from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    void Run(int part, long start, long end);
}

/// <summary>Cuts work into pieces. The cuts follow from the size of the work alone, never from the number of threads.</summary>
internal static class Ranges
{
    /// <summary>Elements a piece: half the size from which a second thread pays (measured at about 32K elements).</summary>
    public const long Grain = 16 * 1024;

    private const int MaxParts = 64;

    /// <summary>Runs independent items, in parallel where there are enough.</summary>
    /// <param name="threads">The pool.</param>
    /// <param name="count">The number of items.</param>
    /// <param name="cost">The work of one item in elements, at least 1.</param>
    /// <param name="body">The work.</param>
    public static void For<TBody>(CpuThreads threads, long count, long cost, TBody body) where TBody : struct, IRangeBody
    {
        cost = Math.Max(1, cost);
        if (count * cost < 2 * Grain || count < 2)
        {
            if (count > 0)
            {
                body.Run(0, count);
            }

            return;
        }

        // A multiple of 64 keeps the pieces of single elements on whole cache lines.
        long size = cost == 1 ? Grain : Math.Max(1, Grain / cost);
        size = Math.Max(size, (count + int.MaxValue - 1) / int.MaxValue);
        threads.For((int)((count + size - 1) / size), new Piece<TBody>(body, size, count));
    }

    /// <summary>The number of parts for partial sums over a number of elements.</summary>
    public static int Parts(long elements) => (int)Math.Clamp(elements / Grain, 1, MaxParts);

    /// <summary>Runs numbered parts of equal size (the last ones may be smaller or empty).</summary>
    public static void ForParts<TBody>(CpuThreads threads, int parts, long count, TBody body) where TBody : struct, IPartBody
    {
        if (parts == 1)
        {
            body.Run(0, 0, count);
            return;
        }

        threads.For(parts, new Part<TBody>(body, (count + parts - 1) / parts, count));
    }

    private readonly struct Piece<TBody>(TBody body, long size, long count) : IParallelBody where TBody : struct, IRangeBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke(int index) => body.Run(index * size, Math.Min(count, (index + 1) * size));
    }

    private readonly struct Part<TBody>(TBody body, long size, long count) : IParallelBody where TBody : struct, IPartBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke(int index) => body.Run(index, Math.Min(count, index * size), Math.Min(count, (index + 1) * size));
    }
}
