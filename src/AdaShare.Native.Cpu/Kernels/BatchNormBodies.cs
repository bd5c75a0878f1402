using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Parts of the sums of x - pivot and of its square: [cells, parts, 2, length].</summary>
internal readonly unsafe struct StatisticsBody<T, TVector, TDoubles, TSimd>(NormLayout layout, T* x, T* pivots, double* sums) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        int parts = layout.CellParts, length = layout.Length;
        for (long item = start; item < end; item++)
        {
            (int cell, int part) = Math.DivRem((int)item, parts);
            double* own = sums + (2L * item * length);
            new Span<double>(own, 2 * length).Clear();
            long first = layout.CellBlocks * part / parts * layout.BlockElements;
            long stop = Math.Min(layout.CellElements, layout.CellBlocks * (part + 1) / parts * layout.BlockElements);
            BatchNormRows<T, TVector, TDoubles, TSimd>.Statistics(pivots + ((long)cell * length), length, x + (cell * layout.CellElements) + first, stop - first, own, own + length);
        }
    }
}

/// <summary>Blocks of the output.</summary>
internal readonly unsafe struct ApplyBody<T, TVector, TDoubles, TSimd, TEnd>(NormLayout layout, T* tables, T* x, T* residual, T* gates, T* y) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
    where TEnd : struct, INormEnd
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long block = start; block < end; block++)
        {
            (int cell, long first, long count) = layout.Block(block);
            var constants = new NormTables<T>(tables + ((long)NormTables<T>.Forward * layout.GroupOf(cell) * layout.Length), layout.Length);
            BatchNormRows<T, TVector, TDoubles, TSimd>.Apply<TEnd>(
                constants, x + first, TEnd.Residual ? residual + first : null, gates + (2 * layout.StreamOf(cell)), layout.IsShared ? layout.Streams : 1, y + first, layout.Elements, count);
        }
    }
}

/// <summary>What both backward passes read.</summary>
/// <param name="Layout">The cuts.</param>
/// <param name="Tables">[G, 6, length].</param>
/// <param name="X">The input.</param>
/// <param name="Side">The residual with gates, the output without; null where neither is read.</param>
/// <param name="Gates">[S, 2] or null.</param>
/// <param name="Upper">The gradient of the output.</param>
internal readonly unsafe record struct NormGradientOperands<T>(NormLayout Layout, nint Tables, nint X, nint Side, nint Gates, nint Upper)
    where T : unmanaged
{
    /// <summary>The tables of a group.</summary>
    public NormTables<T> TablesOfGroup(int group) => new((T*)Tables + ((long)NormTables<T>.Backward * group * Layout.Length), Layout.Length);

    /// <summary>The tables of a cell's group.</summary>
    public NormTables<T> TablesOf(int cell) => TablesOfGroup(Layout.GroupOf(cell));

    /// <summary>The gates of a stream.</summary>
    public T* GatesOf(int stream) => (T*)Gates + (2 * stream);
}

/// <summary>Parts of the sums of the backward pass: [cells, parts, 2 length + 2 streams], the gradient's, its products', the gates'.</summary>
internal readonly unsafe struct GradientSumsBody<T, TVector, TDoubles, TSimd, TEnd>(CpuThreads threads, NormGradientOperands<T> operands, double* sums, bool channels, bool gates) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
    where TEnd : struct, INormEnd
{
    /// <summary>Doubles of a part.</summary>
    public static long Stride(NormLayout layout) => (2L * layout.Length) + (2L * (layout.IsShared ? layout.Streams : 1));

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        NormLayout layout = operands.Layout;
        int parts = layout.CellParts;
        long stride = Stride(layout);
        for (long item = start; item < end; item++)
        {
            (int cell, int part) = Math.DivRem((int)item, parts);
            double* own = sums + (item * stride);
            new Span<double>(own, (int)stride).Clear();
            for (long block = layout.CellBlocks * part / parts; block < layout.CellBlocks * (part + 1) / parts; block++)
            {
                Block((cell * layout.CellBlocks) + block, own);
            }
        }
    }

    private void Block(long block, double* own)
    {
        NormLayout layout = operands.Layout;
        (int cell, long first, long count) = layout.Block(block);
        NormTables<T> tables = operands.TablesOf(cell);
        T* x = (T*)operands.X + first, side = TEnd.Residual ? (T*)operands.Side + first : null, upper = (T*)operands.Upper + first;
        if (channels)
        {
            T* selected = upper;
            if (layout.IsShared)
            {
                selected = threads.Scratch.Local<T>(ScratchSlot.Rows, 2L * layout.BlockElements);
                GateRows<T, TVector, TDoubles, TSimd>.Combine(operands.GatesOf(0), layout.Streams, upper, layout.Elements, count, selected, selected + layout.BlockElements);
            }

            BatchNormRows<T, TVector, TDoubles, TSimd>.GradientSums<TEnd>(tables, x, side, selected, count, own, own + layout.Length);
        }

        for (int s = 0; gates && s < (layout.IsShared ? layout.Streams : 1); s++)
        {
            GateRows<T, TVector, TDoubles, TSimd>.GateSums(tables, x, side, upper + (s * layout.Elements), count, own + (2L * layout.Length) + (2L * s));
        }
    }
}

/// <summary>Blocks of the gradients of input and residual.</summary>
internal readonly unsafe struct GradientBody<T, TVector, TDoubles, TSimd, TEnd>(
    CpuThreads threads, NormGradientOperands<T> operands, T* gradInput, bool addInput, T* gradResidual, bool addResidual) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
    where TEnd : struct, INormEnd
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        NormLayout layout = operands.Layout;
        for (long block = start; block < end; block++)
        {
            (int cell, long first, long count) = layout.Block(block);
            T* upper = (T*)operands.Upper + first, kept = upper;
            T select = T.One, skip = T.One;
            if (layout.IsShared)
            {
                T* selected = threads.Scratch.Local<T>(ScratchSlot.Rows, 2L * layout.BlockElements);
                GateRows<T, TVector, TDoubles, TSimd>.Combine(operands.GatesOf(0), layout.Streams, upper, layout.Elements, count, selected, selected + layout.BlockElements);
                upper = selected;
                kept = selected + layout.BlockElements;
            }
            else if (TEnd.Gates)
            {
                T* gate = operands.GatesOf(layout.StreamOf(cell));
                (select, skip) = (gate[0], gate[1]);
            }

            BatchNormRows<T, TVector, TDoubles, TSimd>.Gradients<TEnd>(
                operands.TablesOf(cell), (T*)operands.X + first, TEnd.Residual ? (T*)operands.Side + first : null, upper, select, kept, skip,
                gradInput == null ? null : gradInput + first, addInput, gradResidual == null ? null : gradResidual + first, addResidual, count);
        }
    }
}
