using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Pooling, recorded.</summary>
internal sealed class TracedPooling(Trace trace, IPoolingKernels inner) : IPoolingKernels
{
    public void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices)
    {
        if (!trace.Records(input))
        {
            inner.Max(geometry, input, output, indices);
            trace.Memory.Clear(output);
            return;
        }

        PoolGeometry g = geometry;
        trace.Each(input, output, value => Add(value, g, "MaxPool", new GraphAttribute("ceil_mode", g.CeilMode ? 1 : 0)));
    }

    public void Average(in PoolGeometry geometry, Tensor input, Tensor output)
    {
        if (!trace.Records(input))
        {
            inner.Average(geometry, input, output);
            trace.Memory.Clear(output);
            return;
        }

        PoolGeometry g = geometry;
        bool isWhole = g is { OutputHeight: 1, OutputWidth: 1, Padding: 0 } && g.KernelHeight == g.InputHeight && g.KernelWidth == g.InputWidth;
        if (!isWhole && g.CeilMode)
        {
            // Runtimes divide a window that hangs over by different numbers.
            throw Trace.Refuse("averages over windows that hang over the image");
        }

        trace.Each(input, output, value => isWhole
            ? trace.Graph.Add(new GraphNode("GlobalAveragePool", new ImageSize(1, 1, g.Channels), [value]))
            : Add(value, g, "AveragePool", new GraphAttribute("count_include_pad", g.CountPadding ? 1 : 0)));
    }

    public void KMax(Tensor input, Tensor output, Tensor? indices)
    {
        if (trace.Records(input))
        {
            throw Trace.Refuse("takes the largest values along a row in their order, for which there is no operator");
        }

        inner.KMax(input, output, indices);
        trace.Memory.Clear(output);
    }

    public void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    private GraphValue Add(GraphValue value, PoolGeometry g, string type, GraphAttribute own) => trace.Graph.Add(new GraphNode(
        type, new ImageSize(g.OutputHeight, g.OutputWidth, g.Channels), [value], own,
        new GraphAttribute("kernel_shape", Integers: [g.KernelHeight, g.KernelWidth]),
        new GraphAttribute("pads", Integers: [g.Padding, g.Padding, g.Padding, g.Padding]),
        new GraphAttribute("strides", Integers: [g.Stride, g.Stride])));
}
