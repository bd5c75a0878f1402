using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Convolutions, timed.</summary>
internal sealed class ProfiledConvolution(KernelRecorder recorder, IConvolutionKernels inner) : IConvolutionKernels
{
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        using KernelTiming timing = recorder.BeginConvolution("forward", geometry, input, filter, bias, output);
        inner.Forward(geometry, input, filter, bias, output);
    }

    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.BeginConvolution("backward input", geometry, gradOutput, filter, gradInput);
        inner.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        using KernelTiming timing = recorder.BeginConvolution("backward filter", geometry, input, gradOutput, gradFilter);
        inner.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }
}
