using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Batch normalisation with residual, ReLU and gates; see <see cref="BatchNormPasses"/>.</summary>
internal sealed class BatchNormResidualKernels(CpuThreads threads, bool wide) : IBatchNormResidualKernels
{
    private readonly BatchNormPasses _single = BatchNormPasses.Of(threads, single: true, wide), _double = BatchNormPasses.Of(threads, single: false, wide);

    /// <inheritdoc/>
    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running) =>
        Of(input).Training(new NormForward(input, gamma, beta, epsilon, Relu: true, residual, gates, output), savedMean, savedInverseStd, running);

    /// <inheritdoc/>
    public void ForwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output) =>
        Of(input).Inference(new NormForward(input, gamma, beta, epsilon, Relu: true, residual, gates, output), runningMean, runningVariance);

    /// <inheritdoc/>
    public void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients) =>
        Of(input).Backward(new NormBackward(input, gamma, beta, residual, gates, output, gradOutput, gradients), new NormStatistics(savedMean, savedInverseStd, 0, AreConstant: false));

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients) =>
        Of(input).Backward(
            new NormBackward(input, gamma, beta, residual, gates, output, gradOutput, gradients), new NormStatistics(runningMean, runningVariance, epsilon, AreConstant: true));

    private BatchNormPasses Of(Tensor input) => Lanes.IsSingle(input) ? _single : _double;
}
