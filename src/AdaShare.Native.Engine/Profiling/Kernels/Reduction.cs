using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Reductions, timed.</summary>
internal sealed class ProfiledReduction(KernelRecorder recorder, IReductionKernels inner) : IReductionKernels
{
    private const string Family = "reduction";

    public void Sum(Tensor input, Tensor output, double scale, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "sum", input, output);
        inner.Sum(input, output, scale, accumulate);
    }

    public void Max(Tensor input, Tensor? output, Tensor? indices)
    {
        using KernelTiming timing = recorder.Begin(Family, "max", input, output, indices);
        inner.Max(input, output, indices);
    }

    public void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "max backward", indices, gradOutput, gradInput);
        inner.MaxBackward(indices, gradOutput, gradInput, accumulate);
    }
}
