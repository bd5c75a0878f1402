using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Batch normalisation, timed.</summary>
internal sealed class ProfiledBatchNorm(KernelRecorder recorder, IBatchNormKernels inner) : IBatchNormKernels
{
    private const string Family = "batch norm";

    public void ForwardTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        using KernelTiming timing = recorder.Begin(Family, "forward", input, gamma, beta, output, savedMean, savedInverseStd);
        inner.ForwardTraining(input, gamma, beta, epsilon, relu, output, savedMean, savedInverseStd, running);
    }

    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "inference", input, gamma, beta, runningMean, runningVariance, output);
        inner.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, relu, output);
    }

    public void BackwardTraining(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        using KernelTiming timing = recorder.Begin(
            Family, "backward", input, gradOutput, gamma, beta, savedMean, savedInverseStd, gradInput.Tensor, gradGamma.Tensor, gradBeta.Tensor);
        inner.BackwardTraining(input, gradOutput, gamma, beta, savedMean, savedInverseStd, gradInput, gradGamma, gradBeta);
    }

    public void BackwardInference(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta)
    {
        using KernelTiming timing = recorder.Begin(
            Family, "inference backward", input, gradOutput, gamma, beta, runningMean, runningVariance, gradInput.Tensor, gradGamma.Tensor, gradBeta.Tensor);
        inner.BackwardInference(input, gradOutput, gamma, beta, runningMean, runningVariance, epsilon, gradInput, gradGamma, gradBeta);
    }
}
