using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Pooling, timed.</summary>
internal sealed class ProfiledPooling(KernelRecorder recorder, IPoolingKernels inner) : IPoolingKernels
{
    private const string Family = "pooling";

    public void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices)
    {
        using KernelTiming timing = recorder.Begin(Family, "max", input, output, indices);
        inner.Max(geometry, input, output, indices);
    }

    public void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "max backward", indices, gradOutput, gradInput);
        inner.MaxBackward(geometry, indices, gradOutput, gradInput, accumulate);
    }

    public void KMax(Tensor input, Tensor output, Tensor? indices)
    {
        using KernelTiming timing = recorder.Begin(Family, "k-max", input, output, indices);
        inner.KMax(input, output, indices);
    }

    public void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "k-max backward", indices, gradOutput, gradInput);
        inner.KMaxBackward(indices, gradOutput, gradInput, accumulate);
    }

    public void Average(in PoolGeometry geometry, Tensor input, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "average", input, output);
        inner.Average(geometry, input, output);
    }

    public void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "average backward", gradOutput, gradInput);
        inner.AverageBackward(geometry, gradOutput, gradInput, accumulate);
    }
}
