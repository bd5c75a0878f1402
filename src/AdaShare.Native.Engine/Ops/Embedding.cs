using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Vectors for numbered things: characters, words, categories.</summary>
public static class EmbeddingOps
{
    /// <summary>Looks up a row of a table for each id: y[…, e] = table[ids[…], e].</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="ids">Int32 or UInt8 of any shape, each 0 to V - 1.</param>
    /// <param name="table">
    /// [V, E], of the type that the output is to have: a parameter's goes in as <see cref="Layers.Parameter.For"/> gives it; its gradient is then of <see cref="DTypes.ParameterType"/>, like a filter's.
    /// </param>
    /// <param name="paddingIndex">A row that gets no gradient, 0 to V - 1, or null. What the row holds is looked up like any other; a table that wants zeros there is made with them.</param>
    /// <returns>[…, E].</returns>
    /// <exception cref="ShapeException">A type or shape does not fit, there are more ids than <see cref="int.MaxValue"/>, or the padding index is no row.</exception>
    /// <exception cref="AdaShareException">On the CPU: an id is no row of the table. On a GPU its row of the output is NaN instead, as the loss of a label that is no class.</exception>
    /// <remarks>
    /// PyTorch: <c>F.embedding(ids, table, padding_idx)</c>. The gradient of a row is summed in a fixed order, so it is the same bits each time, unlike PyTorch's on a GPU.
    /// </remarks>
    public static Tensor Embedding(this Step step, Tensor ids, Tensor table, int? paddingIndex = null)
    {
        const string Op = "embedding";
        using BackendScope scope = Check.Enter(step, Op, [ids, table]);
        if (ids.DType is not (DType.Int32 or DType.UInt8))
        {
            throw new ShapeException($"{Op}: the ids are {ids}; they must be Int32 or UInt8, so cast them first");
        }

        Check.Activation(Op, "the table", table);
        Check.Rank(Op, "the table", table, 2, "[V, E]");
        if (ids.Count > int.MaxValue)
        {
            throw new ShapeException($"{Op}: there are {ids.Count} ids in {ids.Shape}; at most {int.MaxValue} are taken, so use a smaller batch");
        }

        if (paddingIndex is { } padding && (uint)padding >= (uint)table.Shape[0])
        {
            throw new ShapeException($"{Op}: the padding index is {padding}, expected a row of the table {table.Shape}: 0 to {table.Shape[0] - 1}, or null for none");
        }

        Tensor output = step.New(new Shape([.. ids.Shape.ToArray(), table.Shape[1]]), table.DType);
        step.Backend.Embedding.Forward(ids, table, output);
        if (step.Wants(table))
        {
            step.Record(Op, output, [ids], gradOutput =>
            {
                if (step.TargetFor(table) is { Tensor: { } gradTable } target)
                {
                    step.Backend.Embedding.Backward(ids, gradOutput, paddingIndex, gradTable, target.Accumulate);
                }
            });
        }

        return output;
    }
}
