using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Convolutions, recorded.</summary>
internal sealed class TracedConvolution(Trace trace, IConvolutionKernels inner) : IConvolutionKernels
{
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        if (!trace.Records(input, filter, bias))
        {
            inner.Forward(geometry, input, filter, bias, output);
            trace.Memory.Clear(output);
            return;
        }

        Conv2dGeometry g = geometry;
        Conv2dOptions o = g.Options;
        var size = new ImageSize(g.OutputHeight, g.OutputWidth, g.OutputChannels);
        float[] elements = trace.Filter(filter);
        trace.Each(input, output, value => trace.Graph.Add(new ConvolutionNode(
            value, size, Layer(filter), [g.OutputChannels, g.InputChannels, g.KernelHeight, g.KernelWidth], elements, bias is null ? null : trace.Constant(bias, "a bias"),
            new GraphAttribute("dilations", Integers: [o.DilationHeight, o.DilationWidth]),
            new GraphAttribute("kernel_shape", Integers: [g.KernelHeight, g.KernelWidth]),
            new GraphAttribute("pads", Integers: [o.PadHeight, o.PadWidth, o.PadHeight, o.PadWidth]),
            new GraphAttribute("strides", Integers: [o.StrideHeight, o.StrideWidth]))));
    }

    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate) => throw Trace.NoEvaluation();

    private string Layer(Tensor filter) => trace.LayerOf(filter);
}
