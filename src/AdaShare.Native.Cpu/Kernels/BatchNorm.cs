using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Batch normalisation, alone or followed by ReLU; see <see cref="BatchNormPasses"/>.</summary>
internal sealed class BatchNormKernels(CpuThreads threads, bool wide) : IBatchNormKernels
{
    private readonly BatchNormPasses _single = BatchNormPasses.Of(threads, single: true, wide), _double = BatchNormPasses.Of(threads, single: false, wide);

    /// <inheritdoc/>
    public void ForwardTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running) =>
        Of(input).Training(new NormForward(input, gamma, beta, epsilon, relu, Residual: null, Gates: null, output), savedMean, savedInverseStd, running);

    /// <inheritdoc/>
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output) =>
        Of(input).Inference(new NormForward(input, gamma, beta, epsilon, relu, Residual: null, Gates: null, output), runningMean, runningVariance);

    /// <inheritdoc/>
    public void BackwardTraining(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta) =>
        Of(input).Backward(Operands(input, gradOutput, gamma, beta, gradInput, gradGamma, gradBeta), new NormStatistics(savedMean, savedInverseStd, 0, AreConstant: false));

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta) =>
        Of(input).Backward(Operands(input, gradOutput, gamma, beta, gradInput, gradGamma, gradBeta), new NormStatistics(runningMean, runningVariance, epsilon, AreConstant: true));

    private static NormBackward Operands(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Target gradInput, Target gradGamma, Target gradBeta) => new(
        input, gamma, beta, Residual: null, Gates: null, Output: null, gradOutput, new BatchNormResidualGradients(gradInput, gradGamma, gradBeta, Target.None, Target.None));

    private BatchNormPasses Of(Tensor input) => Lanes.IsSingle(input) ? _single : _double;
}
