using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Batch normalisation with what ends a block, timed.</summary>
internal sealed class ProfiledBatchNormResidual(KernelRecorder recorder, IBatchNormResidualKernels inner) : IBatchNormResidualKernels
{
    private const string Family = "batch norm residual";

    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        using KernelTiming timing = recorder.Begin(Family, "forward", input, gamma, beta, residual, gates, output, savedMean, savedInverseStd);
        inner.ForwardTraining(input, gamma, beta, epsilon, residual, gates, output, savedMean, savedInverseStd, running);
    }

    public void ForwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "inference", input, gamma, beta, runningMean, runningVariance, residual, gates, output);
        inner.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, residual, gates, output);
    }

    public void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        using KernelTiming timing = recorder.Begin(
            Family, "backward", input, gamma, beta, savedMean, savedInverseStd, residual, gates, output, gradOutput,
            gradients.Input.Tensor, gradients.Gamma.Tensor, gradients.Beta.Tensor, gradients.Residual.Tensor, gradients.Gates.Tensor);
        inner.BackwardTraining(input, gamma, beta, savedMean, savedInverseStd, residual, gates, output, gradOutput, gradients);
    }

    public void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        using KernelTiming timing = recorder.Begin(
            Family, "inference backward", input, gamma, beta, runningMean, runningVariance, residual, gates, output, gradOutput,
            gradients.Input.Tensor, gradients.Gamma.Tensor, gradients.Beta.Tensor, gradients.Residual.Tensor, gradients.Gates.Tensor);
        inner.BackwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, residual, gates, output, gradOutput, gradients);
    }
}
