using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Look-ups in a table. For the gradient the positions are sorted by their ids, keeping their order; each row's list is cut into pieces of one length, pieces are summed in double precision in
/// parallel, and a row adds up its pieces in order. So one id that is most of a text keeps all threads busy, and the bits depend on the ids alone.
/// </summary>
internal sealed unsafe class EmbeddingKernels(CpuThreads threads) : IEmbeddingKernels
{
    /// <summary>The most positions of one row that are summed in one go.</summary>
    public const int PieceLength = 256;

    /// <inheritdoc/>
    /// <exception cref="AdaShareException">An id is no row of the table.</exception>
    public void Forward(Tensor ids, Tensor table, Tensor output)
    {
        CheckIds(ids, table.Shape[0]);
        if (Lanes.IsSingle(table))
        {
            Forward<float>(ids, table, output);
        }
        else
        {
            Forward<double>(ids, table, output);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AdaShareException">An id is no row of the table.</exception>
    public void Backward(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate)
    {
        CheckIds(ids, gradTable.Shape[0]);
        if (Lanes.IsSingle(gradOutput))
        {
            Backward<float>(ids, gradOutput, paddingIndex, gradTable, accumulate);
        }
        else
        {
            Backward<double>(ids, gradOutput, paddingIndex, gradTable, accumulate);
        }
    }

    private void Forward<T>(Tensor ids, Tensor table, Tensor output) where T : unmanaged =>
        Ranges.For(threads, ids.Count, table.Shape[1], new LookUpBody<T>(new Ids(ids), table.Pointer<T>(), output.Pointer<T>(), table.Shape[1]));

    private void Backward<T>(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rows = gradTable.Shape[0], columns = gradTable.Shape[1];
        var sorted = new SortedIds(threads.Scratch, new Ids(ids), (int)ids.Count, rows, paddingIndex ?? -1);
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, (long)sorted.Pieces * columns);
        Ranges.For(threads, sorted.Pieces, (long)PieceLength * columns, new PieceBody<T>(sorted, gradOutput.Pointer<T>(), sums, columns));
        Ranges.For(threads, rows, columns, new RowBody<T>(sorted, sums, gradTable.Pointer<T>(), columns, accumulate));
    }

    private static void CheckIds(Tensor ids, int rows)
    {
        var list = new Ids(ids);
        for (long i = 0; i < ids.Count; i++)
        {
            if ((uint)list[i] >= (uint)rows)
            {
                string expected = rows > 0 ? $"0 to {rows - 1}" : "none";
                throw new AdaShareException($"embedding: id {i} of {ids.Shape} is {list[i]}, expected a row of the table, which has {rows}: {expected}; check the ids or make the table larger");
            }
        }
    }
}
