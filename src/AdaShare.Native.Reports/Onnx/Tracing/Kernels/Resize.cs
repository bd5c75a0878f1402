using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Resizing to the size of the image, recorded: of no other size is it known what it becomes with images of another size.</summary>
internal sealed class TracedResize(Trace trace, IResizeKernels inner) : IResizeKernels
{
    public void Bilinear(Tensor input, Tensor output, bool alignCorners)
    {
        if (!trace.Records(input))
        {
            inner.Bilinear(input, output, alignCorners);
            trace.Memory.Clear(output);
            return;
        }

        (int height, int width) = (trace.Graph.Input.Size.Height, trace.Graph.Input.Size.Width);
        if (output.Shape[1] != height || output.Shape[2] != width)
        {
            throw Trace.Refuse($"resizes features to {output.Shape[1]}x{output.Shape[2]}, which is not the image's size");
        }

        trace.Each(input, output, value => trace.Graph.ResizeLinear(value, trace.Graph.Input, alignCorners ? "align_corners" : "half_pixel"));
    }

    public void Nearest(Tensor input, Tensor output)
    {
        if (trace.Records(input))
        {
            throw Trace.Refuse("resizes features to the nearest pixel");
        }

        inner.Nearest(input, output);
        trace.Memory.Clear(output);
    }

    public void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate) => throw Trace.NoEvaluation();
}
