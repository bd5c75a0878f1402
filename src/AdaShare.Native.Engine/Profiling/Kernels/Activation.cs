using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>ReLU and dropout, timed.</summary>
internal sealed class ProfiledActivation(KernelRecorder recorder, IActivationKernels inner) : IActivationKernels
{
    private const string Family = "activation";

    public void Relu(Tensor input, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "relu", input, output);
        inner.Relu(input, output);
    }

    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "relu backward", output, gradOutput, gradInput);
        inner.ReluBackward(output, gradOutput, gradInput, accumulate);
    }

    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "dropout", input, output);
        inner.Dropout(input, probability, stream, output, accumulate);
    }

    public void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "bias relu dropout", input, bias, output);
        inner.BiasReluDropout(input, bias, probability, stream, output);
    }

    public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias)
    {
        using KernelTiming timing = recorder.Begin(Family, "bias relu dropout backward", output, gradOutput, gradInput.Tensor, gradBias.Tensor);
        inner.BiasReluDropoutBackward(output, probability, gradOutput, gradInput, gradBias);
    }
}
