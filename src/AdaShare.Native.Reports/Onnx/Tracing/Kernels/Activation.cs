using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>ReLU, recorded; dropout belongs to training.</summary>
internal sealed class TracedActivation(Trace trace, IActivationKernels inner) : IActivationKernels
{
    public void Relu(Tensor input, Tensor output)
    {
        if (!trace.Records(input))
        {
            inner.Relu(input, output);
            trace.Memory.Clear(output);
            return;
        }

        trace.Each(input, output, value => trace.Graph.Add("Relu", value));
    }

    public void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output)
    {
        if (probability != 0)
        {
            throw Trace.NoEvaluation();
        }

        if (!trace.Records(input, bias))
        {
            inner.BiasReluDropout(input, bias, probability, stream, output);
            trace.Memory.Clear(output);
            return;
        }

        double[]? shift = bias is null ? null : trace.Constant(bias, "a bias");
        double[] ones = [.. Enumerable.Repeat(1.0, shift?.Length ?? 0)];
        trace.Each(input, output, value => trace.Graph.Add("Relu", shift is null ? value : trace.Graph.Map(value, ones, shift)));
    }

    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate) => throw Trace.NoEvaluation();

    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias) => throw Trace.NoEvaluation();
}
