using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>How a convolution's window moves: stride, zero padding and dilation, each for height and width.</summary>
/// <param name="StrideHeight">Rows between windows, at least 1.</param>
/// <param name="StrideWidth">Columns between windows, at least 1.</param>
/// <param name="PadHeight">Rows of zeros above and below, at least 0.</param>
/// <param name="PadWidth">Columns of zeros left and right, at least 0.</param>
/// <param name="DilationHeight">Rows between taps, at least 1.</param>
/// <param name="DilationWidth">Columns between taps, at least 1.</param>
public readonly record struct Conv2dOptions(int StrideHeight, int StrideWidth, int PadHeight, int PadWidth, int DilationHeight, int DilationWidth)
{
    /// <summary>The same stride, padding and dilation in both directions.</summary>
    public Conv2dOptions(int stride = 1, int padding = 0, int dilation = 1) : this(stride, stride, padding, padding, dilation, dilation)
    {
    }
}

/// <summary>Every size of one convolution: the shape rule's result, and the key by which backends cache their plans.</summary>
/// <param name="Batch">N.</param>
/// <param name="InputHeight">H.</param>
/// <param name="InputWidth">W.</param>
/// <param name="InputChannels">Channels of the input and of each filter.</param>
/// <param name="OutputHeight">floor((H + 2 pad - dilation (kernel - 1) - 1) / stride) + 1.</param>
/// <param name="OutputWidth">The same for the width.</param>
/// <param name="OutputChannels">The number of filters.</param>
/// <param name="KernelHeight">Rows of a filter.</param>
/// <param name="KernelWidth">Columns of a filter.</param>
/// <param name="Options">Stride, padding and dilation.</param>
public readonly record struct Conv2dGeometry(
    int Batch, int InputHeight, int InputWidth, int InputChannels, int OutputHeight, int OutputWidth, int OutputChannels, int KernelHeight, int KernelWidth, Conv2dOptions Options)
{
    /// <summary>Multiply-adds of a forward pass, taps in the padding counted: the unit of published figures.</summary>
    public long MultiplyAdds => (long)Batch * OutputHeight * OutputWidth * OutputChannels * InputChannels * KernelHeight * KernelWidth;

    /// <summary>Multiply-adds of a forward pass, taps in the padding left out: what a kernel needs to compute.</summary>
    public long UsefulMultiplyAdds => (long)Batch * OutputChannels * InputChannels
        * UsefulTaps(InputHeight, OutputHeight, KernelHeight, Options.StrideHeight, Options.PadHeight, Options.DilationHeight)
        * UsefulTaps(InputWidth, OutputWidth, KernelWidth, Options.StrideWidth, Options.PadWidth, Options.DilationWidth);

    /// <summary>The shape rule: input [N, H, W, C], filter [out, in, kh, kw].</summary>
    /// <remarks>
    /// Stride, padding, dilation and kernel are at most <see cref="GeometryLimits.MaxStep"/>, the sides of the padded input at most <see cref="GeometryLimits.MaxSide"/>, and the pixels of input and
    /// output, batch included, and the elements of the filter below 2^31: kernels count them in 32 bits.
    /// </remarks>
    /// <exception cref="ShapeException">The shapes do not fit, a size is beyond its limit, or the window is larger than the padded input.</exception>
    public static Conv2dGeometry Of(Shape input, Shape filter, Conv2dOptions options)
    {
        if (input.Rank != 4 || filter.Rank != 4)
        {
            throw new ShapeException($"conv2d: input {input} and filter {filter} must be [N, H, W, C] and [out, in, kh, kw]");
        }

        if (input[3] != filter[1])
        {
            throw new ShapeException($"conv2d: input {input} has {input[3]} channels, filter {filter} wants {filter[1]}; give a filter of shape [{filter[0]}, {input[3]}, {filter[2]}, {filter[3]}]");
        }

        if (options.StrideHeight < 1 || options.StrideWidth < 1 || options.DilationHeight < 1 || options.DilationWidth < 1 || options.PadHeight < 0 || options.PadWidth < 0)
        {
            throw new ShapeException($"conv2d: stride and dilation are 1 or more, padding 0 or more; got {options}");
        }

        CheckLimits(input, filter, options);
        int height = Output(input[1], filter[2], options.StrideHeight, options.PadHeight, options.DilationHeight);
        int width = Output(input[2], filter[3], options.StrideWidth, options.PadWidth, options.DilationWidth);
        if (height < 1 || width < 1)
        {
            throw new ShapeException($"conv2d: the window of filter {filter} with {options} is larger than the padded input {input}; pad more or use a smaller kernel or dilation");
        }

        GeometryLimits.CheckPixels("conv2d", input[0], height, width);
        return new Conv2dGeometry(input[0], input[1], input[2], input[3], height, width, filter[0], filter[2], filter[3], options);
    }

    /// <summary>The output's size along one dimension; below 1 where no window fits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stride is below 1.</exception>
    /// <exception cref="OverflowException">The output is larger than 2^31 - 1.</exception>
    public static int Output(int size, int kernel, int stride, int pad, int dilation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        long room = size + (2L * pad) - (dilation * (kernel - 1L)) - 1;
        return room < 0 ? 0 : checked((int)((room / stride) + 1));
    }

    private static void CheckLimits(Shape input, Shape filter, Conv2dOptions o)
    {
        const string Op = "conv2d";
        GeometryLimits.CheckStep(Op, "stride", o.StrideHeight, o.StrideWidth);
        GeometryLimits.CheckStep(Op, "padding", o.PadHeight, o.PadWidth);
        GeometryLimits.CheckStep(Op, "dilation", o.DilationHeight, o.DilationWidth);
        GeometryLimits.CheckStep(Op, "kernel", filter[2], filter[3]);
        GeometryLimits.CheckSides(Op, input, o.PadHeight, o.PadWidth);
        GeometryLimits.CheckPixels(Op, input[0], input[1], input[2]);
        if (filter[0] < 1 || filter[1] < 1 || filter[2] < 1 || filter[3] < 1)
        {
            throw new ShapeException($"{Op}: the filter {filter} is empty; channels and sides are 1 or more");
        }

        if (filter.Count > int.MaxValue)
        {
            throw new ShapeException($"{Op}: the filter {filter} is too large; its elements are at most {int.MaxValue}");
        }
    }

    private static long UsefulTaps(int input, int output, int kernel, int stride, int pad, int dilation)
    {
        long count = 0;
        for (int o = 0; o < output; o++)
        {
            for (int k = 0; k < kernel; k++)
            {
                count += (ulong)(((long)o * stride) - pad + ((long)k * dilation)) < (ulong)input ? 1 : 0;
            }
        }

        return count;
    }
}
