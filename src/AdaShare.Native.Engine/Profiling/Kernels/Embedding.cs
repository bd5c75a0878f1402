using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Look-ups in tables, timed.</summary>
internal sealed class ProfiledEmbedding(KernelRecorder recorder, IEmbeddingKernels inner) : IEmbeddingKernels
{
    private const string Family = "embedding";

    public void Forward(Tensor ids, Tensor table, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "forward", ids, table, output);
        inner.Forward(ids, table, output);
    }

    public void Backward(Tensor ids, Tensor gradOutput, int? paddingIndex, Tensor gradTable, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "backward", ids, gradOutput, gradTable);
        inner.Backward(ids, gradOutput, paddingIndex, gradTable, accumulate);
    }
}
