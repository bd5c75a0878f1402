using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Batch normalisation by running statistics, recorded as a factor and a summand for each channel: gamma / sqrt(variance + epsilon), and beta less that times the mean.</summary>
internal sealed class TracedBatchNorm(Trace trace, IBatchNormKernels inner) : IBatchNormKernels
{
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        if (!trace.Records(input, gamma, beta, runningMean, runningVariance))
        {
            inner.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, relu, output);
            trace.Memory.Clear(output);
            return;
        }

        (double[] scale, double[] shift) = Coefficients(trace, gamma, beta, runningMean, runningVariance, epsilon);
        trace.Each(input, output, value =>
        {
            GraphValue normalised = trace.Graph.Map(value, scale, shift);
            return relu ? trace.Graph.Add("Relu", normalised) : normalised;
        });
    }

    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running) => throw Trace.NoEvaluation();

    public void BackwardTraining(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta) => throw Trace.NoEvaluation();

    public void BackwardInference(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta) =>
        throw Trace.NoEvaluation();

    /// <summary>What a batch norm makes of each channel.</summary>
    public static (double[] Scale, double[] Shift) Coefficients(Trace trace, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon)
    {
        double[] scale = trace.Constant(gamma, "a batch norm's scale"), shift = trace.Constant(beta, "a batch norm's shift");
        double[] mean = trace.Constant(runningMean, "a batch norm's mean"), variance = trace.Constant(runningVariance, "a batch norm's variance");
        for (int c = 0; c < scale.Length; c++)
        {
            scale[c] /= Math.Sqrt(variance[c] + epsilon);
            shift[c] -= mean[c] * scale[c];
        }

        return (scale, shift);
    }
}
