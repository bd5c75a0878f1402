using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Partial sums down columns brought together, in a fixed order.</summary>
internal static unsafe class NormSums
{
    /// <summary>Adds all parts to the first, then brings each table of sums down to one sum a channel.</summary>
    /// <param name="sums">The first part.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="stride">From part to part.</param>
    /// <param name="length">The length of a table.</param>
    /// <param name="channels">C.</param>
    /// <param name="tables">How many tables follow one another.</param>
    public static void Fold(double* sums, int parts, long stride, int length, int channels, int tables)
    {
        AddParts(sums, parts, stride, tables * length);
        for (int t = 0; t < tables; t++)
        {
            double* table = sums + ((long)t * length);
            for (int first = channels; first < length; first += channels)
            {
                Add(table + first, table, channels);
            }
        }
    }

    /// <summary>Adds all parts to the first, in order.</summary>
    public static void AddParts(double* sums, int parts, long stride, int count)
    {
        for (int p = 1; p < parts; p++)
        {
            Add(sums + (p * stride), sums, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double* source, double* target, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            (Vector256.Load(target + i) + Vector256.Load(source + i)).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] += source[i];
        }
    }
}
