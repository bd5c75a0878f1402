using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Resizing, timed.</summary>
internal sealed class ProfiledResize(KernelRecorder recorder, IResizeKernels inner) : IResizeKernels
{
    private const string Family = "resize";

    public void Nearest(Tensor input, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "nearest", input, output);
        inner.Nearest(input, output);
    }

    public void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "nearest backward", gradOutput, gradInput);
        inner.NearestBackward(gradOutput, gradInput, accumulate);
    }

    public void Bilinear(Tensor input, Tensor output, bool alignCorners)
    {
        using KernelTiming timing = recorder.Begin(Family, "bilinear", input, output);
        inner.Bilinear(input, output, alignCorners);
    }

    public void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "bilinear backward", gradOutput, gradInput);
        inner.BilinearBackward(gradOutput, gradInput, alignCorners, accumulate);
    }
}
