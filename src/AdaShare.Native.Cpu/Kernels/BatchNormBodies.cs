using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>One row block of one group: sums of x - pivot and of its square.</summary>
internal readonly unsafe struct StatisticsBody<T>(T* x, long rows, int channels, int parts, double* sums, double* pivots, int pivotLength) : IParallelBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Invoke(int index)
    {
        (int group, int part) = Math.DivRem(index, parts);
        long start = rows * part / parts, end = rows * (part + 1) / parts;
        double* first = sums + (2L * index * channels);
        ColumnSums.Add(new Terms(x, pivots + ((long)group * pivotLength)), ((group * rows) + start) * channels, end - start, channels, channels, first, first + channels);
    }

    private readonly struct Terms(T* x, double* pivots) : IColumnTerms
    {
        public static bool HasSecond => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Four(long element, long column, out Vector256<double> first, out Vector256<double> second)
        {
            first = Lanes.LoadDoubles(x + element);
            if (typeof(T) == typeof(double))
            {
                first -= Vector256.Load(pivots + column);
            }

            second = first * first;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void One(long element, long column, out double first, out double second)
        {
            first = Lanes.Double(x[element]) - pivots[column];
            second = first * first;
        }
    }
}

/// <summary>One row block of one group: sums of dy and of dy (x - mean), dy taken as 0 where ReLU cut.</summary>
internal readonly unsafe struct GradientSumsBody<T>(T* x, T* dy, T* y, long rows, int channels, int parts, double* sums, double* means, int meanLength) : IParallelBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Invoke(int index)
    {
        (int group, int part) = Math.DivRem(index, parts);
        long start = rows * part / parts, end = rows * (part + 1) / parts;
        double* first = sums + (2L * index * channels);
        long element = ((group * rows) + start) * channels;
        double* table = means + ((long)group * meanLength);
        if (y == null)
        {
            ColumnSums.Add(new Terms(x, dy, table), element, end - start, channels, channels, first, first + channels);
        }
        else
        {
            ColumnSums.Add(new ReluTerms(x, dy, y, table), element, end - start, channels, channels, first, first + channels);
        }
    }

    private readonly struct Terms(T* x, T* dy, double* means) : IColumnTerms
    {
        public static bool HasSecond => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Four(long element, long column, out Vector256<double> first, out Vector256<double> second)
        {
            first = Lanes.LoadDoubles(dy + element);
            second = first * (Lanes.LoadDoubles(x + element) - Vector256.Load(means + column));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void One(long element, long column, out double first, out double second)
        {
            first = Lanes.Double(dy[element]);
            second = first * (Lanes.Double(x[element]) - means[column]);
        }
    }

    private readonly struct ReluTerms(T* x, T* dy, T* y, double* means) : IColumnTerms
    {
        public static bool HasSecond => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Four(long element, long column, out Vector256<double> first, out Vector256<double> second)
        {
            first = Lanes.LoadDoubles(dy + element) & Vector256.GreaterThan(Lanes.LoadDoubles(y + element), Vector256<double>.Zero);
            second = first * (Lanes.LoadDoubles(x + element) - Vector256.Load(means + column));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void One(long element, long column, out double first, out double second)
        {
            first = y[element] > T.Zero ? Lanes.Double(dy[element]) : 0;
            second = first * (Lanes.Double(x[element]) - means[column]);
        }
    }
}

/// <summary>Rows of y = (x - mean) scale + shift, through ReLU if asked, with the tables of each row's group.</summary>
internal readonly unsafe struct NormalizeBody<T>(T* x, T* y, long rows, int channels, int length, T* tables, bool relu) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        while (start < end)
        {
            long group = start / rows, stop = Math.Min(end, (group + 1) * rows), count = (stop - start) * channels;
            T* table = tables + (3L * group * length);
            for (long done = 0; done < count; done += length)
            {
                long offset = (start * channels) + done;
                Row(x + offset, y + offset, Math.Min(length, count - done), table, length, relu);
            }

            start = stop;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* y, long count, T* table, int length, bool relu)
    {
        Vector256<T> clip = relu ? Vector256<T>.AllBitsSet : Vector256<T>.Zero;
        T* scale = table + length, shift = scale + length;
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> value = Lanes.MultiplyAdd(Vector256.Load(x + i) - Vector256.Load(table + i), Vector256.Load(scale + i), Vector256.Load(shift + i));
            Vector256.AndNot(value, Vector256.LessThan(value, Vector256<T>.Zero) & clip).Store(y + i);
        }

        for (; i < count; i++)
        {
            T value = T.FusedMultiplyAdd(x[i] - table[i], scale[i], shift[i]);
            y[i] = relu && value < T.Zero ? T.Zero : value;
        }
    }
}

/// <summary>Rows of dx (+)= dy a + (x - mean) b + c, dy taken as 0 where ReLU cut, with the tables of each row's group.</summary>
internal readonly unsafe struct GradientBody<T>(T* x, T* dy, T* y, T* dx, long rows, int channels, int length, T* tables, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        while (start < end)
        {
            long group = start / rows, stop = Math.Min(end, (group + 1) * rows), count = (stop - start) * channels;
            T* table = tables + (4L * group * length);
            for (long done = 0; done < count; done += length)
            {
                long offset = (start * channels) + done;
                Row(x + offset, dy + offset, y == null ? null : y + offset, dx + offset, Math.Min(length, count - done), table, length, accumulate);
            }

            start = stop;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* dy, T* y, T* dx, long count, T* table, int length, bool accumulate)
    {
        T* a = table + length, b = a + length, c = b + length;
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> gradient = Vector256.Load(dy + i);
            if (y != null)
            {
                gradient &= Vector256.GreaterThan(Vector256.Load(y + i), Vector256<T>.Zero);
            }

            Vector256<T> value = Lanes.MultiplyAdd(Vector256.Load(x + i) - Vector256.Load(table + i), Vector256.Load(b + i), Vector256.Load(c + i));
            value = Lanes.MultiplyAdd(gradient, Vector256.Load(a + i), value);
            (accumulate ? value + Vector256.Load(dx + i) : value).Store(dx + i);
        }

        for (; i < count; i++)
        {
            T gradient = y == null || y[i] > T.Zero ? dy[i] : T.Zero;
            T value = T.FusedMultiplyAdd(gradient, a[i], T.FusedMultiplyAdd(x[i] - table[i], b[i], c[i]));
            dx[i] = accumulate ? dx[i] + value : value;
        }
    }
}
