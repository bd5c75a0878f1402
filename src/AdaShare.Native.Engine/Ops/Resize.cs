using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Nearest and bilinear resize.</summary>
public static class ResizeOps
{
    /// <summary>Resizes [N, H, W, C] to the nearest pixel: source = floor(target * in / out).</summary>
    /// <remarks>PyTorch: <c>F.interpolate(mode='nearest')</c>, index arithmetic in single precision as there.</remarks>
    public static Tensor ResizeNearest(this Step step, Tensor input, int height, int width)
    {
        const string Op = "resize_nearest";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Tensor output = Output(step, Op, input, height, width);
        step.Backend.Resize.Nearest(input, output);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Resize.NearestBackward(gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>Resizes [N, H, W, C] by bilinear interpolation, without antialiasing.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="height">Rows of the output.</param>
    /// <param name="width">Columns of the output.</param>
    /// <param name="alignCorners">Whether corner pixels map to corner pixels; otherwise pixel centres are half a pixel in.</param>
    /// <remarks>PyTorch: <c>F.interpolate(mode='bilinear')</c>.</remarks>
    public static Tensor ResizeBilinear(this Step step, Tensor input, int height, int width, bool alignCorners = false)
    {
        const string Op = "resize_bilinear";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Tensor output = Output(step, Op, input, height, width);
        step.Backend.Resize.Bilinear(input, output, alignCorners);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Resize.BilinearBackward(gradOutput, gradInput, alignCorners, target.Accumulate);
                }
            });
        }

        return output;
    }

    private static Tensor Output(Step step, string op, Tensor input, int height, int width)
    {
        Check.Floating(op, "the input", input);
        Check.Rank(op, "the input", input, 4, "[N, H, W, C]");
        return height >= 1 && width >= 1 && input.Shape[1] >= 1 && input.Shape[2] >= 1
            ? step.New(new Shape(input.Shape[0], height, width, input.Shape[3]), input.DType)
            : throw new ShapeException($"{op}: from {input.Shape} to {height}x{width}; every size must be 1 or more");
    }
}
