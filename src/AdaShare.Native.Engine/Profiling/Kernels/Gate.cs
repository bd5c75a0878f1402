using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Gumbel sampling and gated residuals, timed.</summary>
internal sealed class ProfiledGate(KernelRecorder recorder, IGateKernels inner) : IGateKernels
{
    private const string Family = "gate";

    public void GumbelNoise(RandomStream stream, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "gumbel noise", output);
        inner.GumbelNoise(stream, output);
    }

    public void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard)
    {
        using KernelTiming timing = recorder.Begin(Family, "gumbel softmax", logits, noise, soft, hard);
        inner.GumbelSoftmax(logits, noise, temperature, soft, hard);
    }

    public void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "gumbel softmax backward", soft, gradOutput, gradLogits);
        inner.GumbelSoftmaxBackward(soft, temperature, gradOutput, gradLogits, accumulate);
    }

    public void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        using KernelTiming timing = recorder.Begin(Family, "gumbel gates", soft, hard, noise);
        inner.GumbelGates(logits, noise, streams, temperature, soft, hard);
    }

    public void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        using KernelTiming timing = recorder.Begin(Family, "gumbel gates backward", soft, gradOutput);
        inner.GumbelGatesBackward(soft, temperature, gradOutput, gradLogits);
    }

    public void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "residual", branch, residual, gates, output);
        inner.GatedResidual(branch, residual, gates, output);
    }

    public void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates)
    {
        using KernelTiming timing = recorder.Begin(
            Family, "residual backward", branch, residual, gates, gradOutput, gradBranch.Tensor, gradResidual.Tensor, gradGates.Tensor);
        inner.GatedResidualBackward(branch, residual, gates, gradOutput, gradBranch, gradResidual, gradGates);
    }
}
