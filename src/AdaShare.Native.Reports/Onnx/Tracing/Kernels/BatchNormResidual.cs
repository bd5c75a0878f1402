using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>The end of a residual block by running statistics, recorded; see <see cref="TracedBatchNorm"/> and <see cref="TracedGate"/>.</summary>
internal sealed class TracedBatchNormResidual(Trace trace, IBatchNormResidualKernels inner) : IBatchNormResidualKernels
{
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output)
    {
        if (!trace.Records(input, gamma, beta, runningMean, runningVariance, residual, gates))
        {
            inner.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, residual, gates, output);
            trace.Memory.Clear(output);
            return;
        }

        (double[] scale, double[] shift) = TracedBatchNorm.Coefficients(trace, gamma, beta, runningMean, runningVariance, epsilon);
        GraphValue[] branches = Array.ConvertAll(trace.Memory.Read(input), value => trace.Graph.Map(value, scale, shift));
        TracedGate.Mix(trace, branches, trace.Memory.Read(residual), gates, output);
    }

    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running) =>
        throw Trace.NoEvaluation();

    public void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients) => throw Trace.NoEvaluation();

    public void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients) => throw Trace.NoEvaluation();
}
