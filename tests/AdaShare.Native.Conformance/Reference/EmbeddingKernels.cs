using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Look-ups position by position, as PyTorch's <c>F.embedding</c> defines them.</summary>
internal sealed class EmbeddingKernels(ReferenceBackend backend) : IEmbeddingKernels
{
    /// <inheritdoc/>
    public void Forward(Tensor ids, Tensor table, Tensor output)
    {
        backend.Count(nameof(backend.Embedding));
        int[] rows = ids.LoadIntegers();
        double[] values = table.Load();
        int columns = table.Shape[1];
        output.Store([.. rows.SelectMany(row => values[(row * columns)..((row + 1) * columns)])]);
    }

    /// <inheritdoc/>
    public void Backward(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate)
    {
        backend.Count(nameof(backend.Embedding));
        int[] rows = ids.LoadIntegers();
        double[] dy = gradOutput.Load(), sums = new double[gradTable.Count];
        int columns = gradTable.Shape[1];
        for (int i = 0; i < dy.Length; i++)
        {
            int row = rows[i / columns];
            sums[(row * columns) + (i % columns)] += row == paddingIndex ? 0 : dy[i];
        }

        gradTable.Store(sums, accumulate);
    }
}
