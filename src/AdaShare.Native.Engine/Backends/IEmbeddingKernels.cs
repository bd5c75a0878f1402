using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Rows of a table, looked up by number.</summary>
public interface IEmbeddingKernels
{
    /// <summary>output[p, :] = table[ids[p], :]. An id that is no row of the table is an <see cref="Errors.AdaShareException"/> on the CPU and a row of NaN on a GPU, which can't stop for it.</summary>
    /// <param name="ids">Int32 or UInt8 of any shape.</param>
    /// <param name="table">[V, E].</param>
    /// <param name="output">The shape of the ids and E, of the table's type.</param>
    void Forward(Tensor ids, Tensor table, Tensor output);

    /// <summary>gradTable[v, :] = the sum of gradOutput[p, :] over all p with ids[p] = v, in an order that follows from the sizes and the ids alone.</summary>
    /// <param name="ids">The ids of the forward pass; on a GPU those that are no row of the table count nowhere.</param>
    /// <param name="gradOutput">The shape of the ids and E.</param>
    /// <param name="paddingIndex">A row whose gradient is 0 whatever its ids receive, or null.</param>
    /// <param name="gradTable">[V, E], of the output's type or of its <see cref="DTypes.ParameterType"/>.</param>
    /// <param name="accumulate">Whether to add to what is there.</param>
    void Backward(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate);
}
