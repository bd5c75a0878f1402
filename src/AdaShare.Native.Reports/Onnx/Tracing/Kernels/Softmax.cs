using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Softmax over the channels, recorded.</summary>
internal sealed class TracedSoftmax(Trace trace, ISoftmaxKernels inner) : ISoftmaxKernels
{
    public void Forward(Tensor input, bool logarithm, Tensor output)
    {
        if (!trace.Records(input))
        {
            inner.Forward(input, logarithm, output);
            trace.Memory.Clear(output);
            return;
        }

        // [N, C, H, W] in the graph.
        trace.Each(input, output, value => trace.Graph.Add(new GraphNode(logarithm ? "LogSoftmax" : "Softmax", value.Size, [value], new GraphAttribute("axis", 1))));
    }

    public void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();
}
