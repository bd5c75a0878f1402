using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>2-D convolution.</summary>
public static class ConvolutionOps
{
    /// <summary>
    /// Cross-correlates each image with each filter:
    /// y[n, h, w, o] = bias[o] + sum over i, a, b of x[n, h stride + a dilation - pad, w stride + b dilation - pad, i] filter[o, i, a, b].
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, in].</param>
    /// <param name="filter">A filter tensor of shape [out, in, kh, kw], in the backend's layout and the input's type; its gradient is of <see cref="DTypes.ParameterType"/> where it is a parameter's.</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="options">Stride, zero padding and dilation.</param>
    /// <returns>[N, OH, OW, out].</returns>
    /// <exception cref="Errors.ShapeException">The shapes do not fit, or the window is larger than the padded input.</exception>
    /// <remarks>PyTorch: <c>F.conv2d</c>, with channels last.</remarks>
    public static Tensor Conv2d(this Step step, Tensor input, Tensor filter, Tensor? bias = null, Conv2dOptions? options = null)
    {
        const string Op = "conv2d";
        using BackendScope scope = Check.Enter(step, Op, [input, filter], [bias]);
        Conv2dGeometry g = Conv2dGeometry.Of(input.Shape, filter.Shape, options ?? new Conv2dOptions(1));
        Check.SameActivations(Op, input, filter);
        Check.Parameters(Op, input, bias);
        if (!filter.IsFilter)
        {
            throw new Errors.ShapeException($"{Op}: the filter {filter.Shape} is a plain tensor; make it with step.Filter or as a filter parameter, so that it lies in the backend's layout");
        }

        if (bias is not null)
        {
            Check.Shape(Op, "the bias", bias, new Shape(g.OutputChannels));
        }

        Tensor output = step.New(new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels), input.DType);
        step.Backend.Convolution.Forward(g, input, filter, bias, output);
        if (step.Wants(input, filter, bias))
        {
            Tensor? savedInput = filter.RequiresGradient ? input : null;
            Tensor? savedFilter = input.RequiresGradient ? filter : null;
            step.Record(Op, output, [savedInput, savedFilter], gradOutput =>
            {
                if (step.TargetFor(bias) is { Tensor: { } gradBias } biasTarget)
                {
                    step.Backend.Reduction.Sum(gradOutput, gradBias, 1, biasTarget.Accumulate);
                }

                if (savedInput is not null && step.TargetFor(filter) is { Tensor: { } gradFilter } filterTarget)
                {
                    step.Backend.Convolution.BackwardFilter(g, savedInput, gradOutput, gradFilter, filterTarget.Accumulate);
                }

                if (savedFilter is not null && step.TargetFor(input) is { Tensor: { } gradInput } inputTarget)
                {
                    step.Backend.Convolution.BackwardInput(g, gradOutput, savedFilter, gradInput, inputTarget.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>A filter tensor of this step, from values in PyTorch's order [out, in, kh, kw].</summary>
    /// <param name="step">The step that owns it.</param>
    /// <param name="shape">[out, in, kh, kw].</param>
    /// <param name="type">Float32 or Float64.</param>
    /// <param name="values">The values, rounded to the type.</param>
    public static Tensor Filter(this Step step, Shape shape, DType type, ReadOnlySpan<double> values)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor filter = step.NewFilter(shape, type);
        filter.CopyFromDoubles(values);
        return filter;
    }
}
