using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Sums in double precision over a fixed number of parts, and maxima of rows.</summary>
internal sealed unsafe class ReductionKernels(CpuThreads threads) : IReductionKernels
{
    // With this many outputs there is enough to do at once without cutting their sums.
    private const long ManyItems = 16;

    /// <inheritdoc/>
    public void Sum(Tensor input, Tensor output, double scale, bool accumulate)
    {
        if (Lanes.IsSingle(input))
        {
            Sum<float>(input, output, scale, accumulate);
        }
        else
        {
            Sum<double>(input, output, scale, accumulate);
        }
    }

    /// <inheritdoc/>
    public void Max(Tensor input, Tensor? output, Tensor? indices)
    {
        if (Lanes.IsSingle(input))
        {
            Max<float>(input, output, indices);
        }
        else
        {
            Max<double>(input, output, indices);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">An index is not one of the row's; checked before anything is written.</exception>
    public void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            MaxBackward<float>(indices, gradOutput, gradInput, accumulate);
        }
        else
        {
            MaxBackward<double>(indices, gradOutput, gradInput, accumulate);
        }
    }

    private void Sum<T>(Tensor input, Tensor output, double scale, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* y = output.Pointer<T>();
        if (input.Count == 0)
        {
            // A sum over nothing.
            for (long i = 0; i < output.Count && !accumulate; i++)
            {
                y[i] = T.Zero;
            }

            return;
        }

        var plan = ReductionPlan.Of(input.Shape, output.Shape);
        long columns = plan.InnerKept ? plan.Inner : 1;
        long tiles = (columns + SumBody<T>.TileWidth - 1) / SumBody<T>.TileWidth;
        long work = plan.InnerKept ? plan.SummedOuter * Math.Min(columns, SumBody<T>.TileWidth) : plan.SummedOuter * plan.Inner;
        int parts = plan.KeptOuter * tiles >= ManyItems ? 1 : Ranges.Parts(work);
        double* partials = parts == 1 ? null : threads.Scratch.Shared<double>(ScratchSlot.Partials, plan.KeptOuter * parts * columns);
        var body = new SumBody<T>(plan, input.Pointer<T>(), y, partials, parts, tiles, scale, accumulate);
        Ranges.For(threads, plan.KeptOuter * parts * tiles, Math.Max(1, work / parts), body);
        if (parts == 1)
        {
            return;
        }

        for (long k = 0; k < plan.KeptOuter; k++)
        {
            for (long c = 0; c < columns; c++)
            {
                double sum = 0;
                for (long p = 0; p < parts; p++)
                {
                    sum += partials[(((k * parts) + p) * columns) + c];
                }

                SumBody<T>.Store(y + (k * columns) + c, sum, scale, accumulate);
            }
        }
    }

    private void Max<T>(Tensor input, Tensor? output, Tensor? indices) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = input.Shape[-1];
        if (input.Count > 0)
        {
            Ranges.For(threads, input.Count / columns, columns, new MaxBody<T>(input.Pointer<T>(), output.PointerOrNull<T>(), indices.PointerOrNull<int>(), columns));
        }
    }

    private void MaxBackward<T>(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = gradInput.Shape[-1];
        long rows = indices.Count;
        int* index = indices.Pointer<int>();
        for (long r = 0; r < rows; r++)
        {
            if ((uint)index[r] >= (uint)columns)
            {
                throw new ShapeException($"max: index {index[r]} of row {r} is outside the row of {columns}; pass the indices that the forward pass wrote");
            }
        }

        Ranges.For(threads, rows, columns, new MaxBackwardBody<T>(index, gradOutput.Pointer<T>(), gradInput.Pointer<T>(), columns, accumulate));
    }

    private readonly struct MaxBody<T>(T* input, T* output, int* indices, int columns) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                T* x = input + (row * columns);
                T max = RowMath.Max(x, columns);
                if (output != null)
                {
                    output[row] = max;
                }

                if (indices != null)
                {
                    indices[row] = IndexOf(x, columns, max);
                }
            }
        }

        // A NaN is the maximum wherever there is one, as in PyTorch.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int IndexOf(T* x, int count, T value)
        {
            bool nan = T.IsNaN(value);
            for (int i = 0; i < count; i++)
            {
                if (nan ? T.IsNaN(x[i]) : x[i] == value)
                {
                    return i;
                }
            }

            return 0;
        }
    }

    private readonly struct MaxBackwardBody<T>(int* indices, T* gradOutput, T* gradInput, int columns, bool accumulate) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                T* dx = gradInput + (row * columns);
                if (!accumulate)
                {
                    new Span<T>(dx, columns).Clear();
                }

                dx[indices[row]] += gradOutput[row];
            }
        }
    }
}

/// <summary>Items of a sum: a combination of kept indices, a part of its rows, and a tile of its columns.</summary>
internal readonly unsafe struct SumBody<T>(ReductionPlan plan, T* input, T* output, double* partials, int parts, long tiles, double scale, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Columns a tile: their sums fit the first-level cache.</summary>
    public const int TileWidth = 1024;

    /// <summary>output (+)= scale sum.</summary>
    public static void Store(T* output, double sum, double scale, bool accumulate) =>
        *output = Lanes.Round<T>(accumulate ? Lanes.Double(*output) + (scale * sum) : scale * sum);

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        double* tile = stackalloc double[TileWidth];
        for (long item = start; item < end; item++)
        {
            if (plan.InnerKept)
            {
                SumColumns(item, tile);
            }
            else
            {
                SumRows(item);
            }
        }
    }

    private void SumRows(long item)
    {
        (long kept, long part) = Math.DivRem(item, (long)parts);
        long total = plan.SummedOuter * plan.Inner, position = total * part / parts, end = total * (part + 1) / parts;
        T* x = input + plan.Offset(kept, kept: true);
        double sum = 0;
        while (position < end)
        {
            (long row, long column) = Math.DivRem(position, plan.Inner);
            long count = Math.Min(plan.Inner - column, end - position);
            sum += RowMath.Sum(x + plan.Offset(row, kept: false) + column, count);
            position += count;
        }

        if (parts == 1)
        {
            Store(output + kept, sum, scale, accumulate);
        }
        else
        {
            partials[item] = sum;
        }
    }

    private void SumColumns(long item, double* tile)
    {
        (long keptPart, long tileIndex) = Math.DivRem(item, tiles);
        (long kept, long part) = Math.DivRem(keptPart, (long)parts);
        long column = tileIndex * TileWidth, row = plan.SummedOuter * part / parts, end = plan.SummedOuter * (part + 1) / parts;
        int width = (int)Math.Min(TileWidth, plan.Inner - column);
        double* sums = parts == 1 ? tile : partials + (keptPart * plan.Inner) + column;
        new Span<double>(sums, width).Clear();
        long first = plan.Offset(kept, kept: true) + column;
        while (row < end)
        {
            long count = Math.Min(plan.RowRun - (row % plan.RowRun), end - row);
            ColumnSums.Add(new Terms(input), first + plan.Offset(row, kept: false), count, plan.Inner, width, sums, sums);
            row += count;
        }

        for (int c = 0; parts == 1 && c < width; c++)
        {
            Store(output + (kept * plan.Inner) + column + c, sums[c], scale, accumulate);
        }
    }

    private readonly struct Terms(T* x) : IColumnTerms
    {
        public static bool HasSecond => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Four(long element, long column, out Vector256<double> first, out Vector256<double> second)
        {
            first = Lanes.LoadDoubles(x + element);
            second = default;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void One(long element, long column, out double first, out double second)
        {
            first = Lanes.Double(x[element]);
            second = 0;
        }
    }
}
