using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Max, k-max, average and global average pooling.</summary>
public static class PoolingOps
{
    /// <summary>The maximum of each window; padding never wins, and NaN wins over all numbers.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="kernel">The window's side.</param>
    /// <param name="stride">Pixels between windows.</param>
    /// <param name="padding">At most half the kernel.</param>
    /// <param name="ceilMode">Whether a last, partial window counts.</param>
    /// <remarks>PyTorch: <c>F.max_pool2d</c>.</remarks>
    public static Tensor MaxPool2d(this Step step, Tensor input, int kernel, int stride, int padding = 0, bool ceilMode = false) => MaxPool2d(step, input, (kernel, kernel), stride, padding, ceilMode);

    /// <summary>The maximum of each window; padding never wins, and NaN wins over all numbers.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="kernel">The window's rows and columns.</param>
    /// <param name="stride">Pixels between windows.</param>
    /// <param name="padding">At most half the kernel.</param>
    /// <param name="ceilMode">Whether a last, partial window counts.</param>
    /// <remarks>PyTorch: <c>F.max_pool2d</c>.</remarks>
    public static Tensor MaxPool2d(this Step step, Tensor input, (int Height, int Width) kernel, int stride, int padding = 0, bool ceilMode = false)
    {
        const string Op = "max_pool2d";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Activation(Op, "the input", input);
        PoolGeometry g = PoolGeometry.Of(Op, input.Shape, kernel.Height, kernel.Width, stride, padding, ceilMode, countPadding: true);
        Shape shape = OutputShape(g);
        Tensor output = step.New(shape, input.DType);
        if (!step.Wants(input))
        {
            step.Backend.Pooling.Max(g, input, output, indices: null);
            return output;
        }

        Tensor indices = step.New(shape, DType.Int32);
        step.Backend.Pooling.Max(g, input, output, indices);
        step.Record(Op, output, [indices], gradOutput =>
        {
            if (step.TargetFor(input) is { Tensor: { } gradInput } target)
            {
                step.Backend.Pooling.MaxBackward(g, indices, gradOutput, gradInput, target.Accumulate);
            }
        });
        step.Release(indices);
        return output;
    }

    /// <summary>
    /// k-max pooling along the width: of each image, row and channel the k largest values, in the order in which they stand and not of their size. Of equal values the earlier ones are taken,
    /// and NaN counts as larger than all numbers. With H = 1 it is the pooling of sequences: whatever their length W, k steps are left.
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="k">How many are taken, 1 to W.</param>
    /// <returns>[N, H, k, C].</returns>
    /// <exception cref="ShapeException">The input is not [N, H, W, C], or is narrower than k.</exception>
    /// <remarks>
    /// Kalchbrenner, Grefenstette, Blunsom: A Convolutional Neural Network for Modelling Sentences, ACL 2014, section 3.2; Conneau et al. (EACL 2017) end their networks with k = 8.
    /// PyTorch: <c>x.gather(-1, x.topk(k, -1).indices.sort(-1).values)</c> with the width last.
    /// </remarks>
    public static Tensor KMaxPool(this Step step, Tensor input, int k)
    {
        const string Op = "kmax_pool";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Activation(Op, "the input", input);
        Check.Rank(Op, "the input", input, 4, "[N, H, W, C]");
        if (k < 1 || k > input.Shape[2])
        {
            throw new ShapeException($"{Op}: k is {k}, but rows of {input.Shape} have {input.Shape[2]} columns to take it from; use 1 to the width, or longer sequences");
        }

        GeometryLimits.CheckPixels(Op, input.Shape[0], input.Shape[1], input.Shape[2]);
        Shape shape = input.Shape.With(2, k);
        Tensor output = step.New(shape, input.DType);
        if (!step.Wants(input))
        {
            step.Backend.Pooling.KMax(input, output, indices: null);
            return output;
        }

        Tensor indices = step.New(shape, DType.Int32);
        step.Backend.Pooling.KMax(input, output, indices);
        step.Record(Op, output, [indices], gradOutput =>
        {
            if (step.TargetFor(input) is { Tensor: { } gradInput } target)
            {
                step.Backend.Pooling.KMaxBackward(indices, gradOutput, gradInput, target.Accumulate);
            }
        });
        step.Release(indices);
        return output;
    }

    /// <summary>The mean of each window.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="kernel">The window's side.</param>
    /// <param name="stride">Pixels between windows.</param>
    /// <param name="padding">Zeros around the input, at most half the kernel.</param>
    /// <param name="ceilMode">Whether a last, partial window counts.</param>
    /// <param name="countPadding">Whether padding counts in the divisor (<c>count_include_pad</c>).</param>
    /// <remarks>PyTorch: <c>F.avg_pool2d</c>.</remarks>
    public static Tensor AveragePool2d(this Step step, Tensor input, int kernel, int stride, int padding = 0, bool ceilMode = false, bool countPadding = true)
    {
        const string Op = "avg_pool2d";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        return Average(step, Op, input, PoolGeometry.Of(Op, input.Shape, kernel, kernel, stride, padding, ceilMode, countPadding));
    }

    /// <summary>The mean over height and width: [N, H, W, C] becomes [N, C].</summary>
    /// <remarks>PyTorch: <c>F.adaptive_avg_pool2d(x, 1).flatten(1)</c>.</remarks>
    public static Tensor GlobalAveragePool(this Step step, Tensor input)
    {
        const string Op = "global_avg_pool";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Rank(Op, "the input", input, 4, "[N, H, W, C]");
        Tensor pooled = Average(step, Op, input, PoolGeometry.Whole(Op, input.Shape));
        Tensor flat = step.Reshape(pooled, new Shape(input.Shape[0], input.Shape[3]));
        step.Release(pooled);
        return flat;
    }

    private static Tensor Average(Step step, string op, Tensor input, PoolGeometry g)
    {
        Check.Activation(op, "the input", input);
        Tensor output = step.New(OutputShape(g), input.DType);
        step.Backend.Pooling.Average(g, input, output);
        if (step.Wants(input))
        {
            step.Record(op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Pooling.AverageBackward(g, gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    private static Shape OutputShape(in PoolGeometry g) => new(g.Batch, g.OutputHeight, g.OutputWidth, g.Channels);
}
