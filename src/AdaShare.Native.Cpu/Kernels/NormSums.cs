using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Small sums around batch normalisation, in a fixed order.</summary>
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

    /// <summary>Writes a gradient, or adds it to what is there; does nothing where it is not wanted.</summary>
    public static void Store<T>(Target target, int index, double value)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (target.Tensor is not null)
        {
            T* element = target.Tensor.Pointer<T>() + index;
            *element = Lanes.Round<T>(target.Accumulate ? Lanes.Double(*element) + value : value);
        }
    }

    /// <summary>Moves the running statistics towards those of the groups that count, in order.</summary>
    public static void UpdateRunning<T>(RunningStatistics running, double* means, double* variances, long rows, int channels)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* mean = running.Mean.Pointer<T>(), variance = running.Variance.Pointer<T>();
        double keep = 1 - running.Momentum, unbias = rows > 1 ? rows / (rows - 1.0) : 1;
        for (int c = 0; c < channels; c++)
        {
            double m = Lanes.Double(mean[c]), v = Lanes.Double(variance[c]);
            for (int u = 0; u < running.Updates.Count; u++)
            {
                long i = ((long)running.Updates[u] * channels) + c;
                m = (keep * m) + (running.Momentum * means[i]);
                v = (keep * v) + (running.Momentum * variances[i] * unbias);
            }

            mean[c] = Lanes.Round<T>(m);
            variance[c] = Lanes.Round<T>(v);
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
