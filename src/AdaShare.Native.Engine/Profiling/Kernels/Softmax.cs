using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Softmax and log-softmax, timed.</summary>
internal sealed class ProfiledSoftmax(KernelRecorder recorder, ISoftmaxKernels inner) : ISoftmaxKernels
{
    private const string Family = "softmax";

    public void Forward(Tensor input, bool logarithm, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "forward", input, output);
        inner.Forward(input, logarithm, output);
    }

    public void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "backward", output, gradOutput, gradInput);
        inner.Backward(output, logarithm, gradOutput, gradInput, accumulate);
    }
}
