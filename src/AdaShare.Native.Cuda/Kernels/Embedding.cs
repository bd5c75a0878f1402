using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/embedding.cu. An id that is no row of the table gives NaN: the host does not see the ids, and a kernel can't stop a step.</summary>
internal sealed class EmbeddingKernels(DeviceContext context) : IEmbeddingKernels
{
    private const string Module = "embedding";
    private const int Warp = 32;

    // Chunks of positions spread the sums of few rows over a GPU. Tables of many rows do that by themselves, and their partial sums would take up memory: at most 16 MiB of them, or one chunk's.
    private const int ChunkPositions = 1024;
    private const long MostPartials = 1 << 21;
    private const int MostChunks = 4096;

    /// <inheritdoc/>
    public void Forward(Tensor ids, Tensor table, Tensor output)
    {
        if (output.Count == 0)
        {
            return;
        }

        int columns = table.Shape[1], width = columns % 4 == 0 && context.IsAligned(table, output) ? 4 : 1;
        context.Kernel(Module, "embedding", table.DType).Tensor(ids).Flag(ids.DType == DType.UInt8).Tensor(table).Count(table.Shape[0]).Count(columns).Int(width).Tensor(output)
            .Count(output.Count / width).Launch(LaunchShape.Linear(output.Count / width));
    }

    /// <inheritdoc/>
    public void Backward(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate)
    {
        if (gradTable.Count == 0)
        {
            return;
        }

        int rows = gradTable.Shape[0], columns = gradTable.Shape[1];
        long chunks = Math.Clamp(Math.Min(LaunchShape.Ceiling(ids.Count, ChunkPositions), MostPartials / gradTable.Count), 1, MostChunks);
        long warps = rows * LaunchShape.Ceiling(columns, Warp);
        using Scratch partials = context.Scratch(chunks * gradTable.Count * sizeof(double));
        context.Kernel(Module, "embedding_partials", gradOutput.DType)
            .Tensor(ids).Flag(ids.DType == DType.UInt8).Tensor(gradOutput).Count(ids.Count).Count(rows).Count(columns).Count(LaunchShape.Ceiling(ids.Count, chunks)).Int(paddingIndex ?? -1)
            .Pointer(partials.Address)
            .Launch(LaunchShape.Blocks(LaunchShape.Ceiling(warps, LaunchShape.Threads / Warp), (int)chunks));
        context.Kernel(Module, "embedding_finish", gradTable.DType).Pointer(partials.Address).Count(chunks).Tensor(gradTable).Flag(accumulate).Count(gradTable.Count)
            .Launch(LaunchShape.Linear(gradTable.Count));
    }
}
