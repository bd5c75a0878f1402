using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Every size of one pooling: the shape rule's result.</summary>
/// <param name="Batch">N.</param>
/// <param name="InputHeight">H.</param>
/// <param name="InputWidth">W.</param>
/// <param name="Channels">C.</param>
/// <param name="OutputHeight">Rows of the output.</param>
/// <param name="OutputWidth">Columns of the output.</param>
/// <param name="KernelHeight">Rows of a window.</param>
/// <param name="KernelWidth">Columns of a window.</param>
/// <param name="Stride">Pixels between windows.</param>
/// <param name="Padding">Pixels around the input: left out of a maximum, zero in a mean.</param>
/// <param name="CountPadding">Whether a mean divides by the window's size including padding (PyTorch's count_include_pad) or by the pixels inside.</param>
public readonly record struct PoolGeometry(
    int Batch, int InputHeight, int InputWidth, int Channels, int OutputHeight, int OutputWidth, int KernelHeight, int KernelWidth, int Stride, int Padding, bool CountPadding)
{
    /// <summary>Whether a last, partial window counts: what made the output's size, and would make that of an input of another size.</summary>
    public bool CeilMode { get; init; }

    /// <summary>The shape rule of PyTorch: in ceil mode a last, partial window counts if it starts inside the input or its leading padding.</summary>
    /// <remarks>Kernel and stride are at most <see cref="GeometryLimits.MaxStep"/>, and the sides and pixels have the limits of <see cref="Conv2dGeometry.Of"/>.</remarks>
    /// <exception cref="ShapeException">The input is not [N, H, W, C] or has no pixels, the padding is over half the kernel, a size is beyond its limit, or no window fits.</exception>
    public static PoolGeometry Of(string op, Shape input, int kernelHeight, int kernelWidth, int stride, int padding, bool ceilMode, bool countPadding)
    {
        if (input.Rank != 4)
        {
            throw new ShapeException($"{op}: input {input} must be [N, H, W, C]");
        }

        if (kernelHeight < 1 || kernelWidth < 1 || stride < 1 || padding < 0 || padding > Math.Min(kernelHeight, kernelWidth) / 2)
        {
            throw new ShapeException($"{op}: kernel {kernelHeight}x{kernelWidth} and stride {stride} are 1 or more, padding {padding} is 0 to half the kernel");
        }

        CheckImage(op, input);
        GeometryLimits.CheckStep(op, "kernel", kernelHeight, kernelWidth);
        GeometryLimits.CheckStep(op, "stride", stride, stride);
        GeometryLimits.CheckSides(op, input, padding, padding);
        int height = Output(input[1], kernelHeight, stride, padding, ceilMode);
        int width = Output(input[2], kernelWidth, stride, padding, ceilMode);
        if (height < 1 || width < 1)
        {
            throw new ShapeException($"{op}: a window of {kernelHeight}x{kernelWidth} is larger than the padded input {input}; use a smaller kernel");
        }

        GeometryLimits.CheckPixels(op, input[0], height, width);
        return new PoolGeometry(input[0], input[1], input[2], input[3], height, width, kernelHeight, kernelWidth, stride, padding, countPadding) { CeilMode = ceilMode };
    }

    /// <summary>The whole image as one window.</summary>
    /// <exception cref="ShapeException">The input is not [N, H, W, C], or has no pixels.</exception>
    internal static PoolGeometry Whole(string op, Shape input)
    {
        CheckImage(op, input);
        return new PoolGeometry(input[0], input[1], input[2], input[3], 1, 1, input[1], input[2], 1, 0, CountPadding: true);
    }

    private static void CheckImage(string op, Shape input)
    {
        if (input[1] < 1 || input[2] < 1)
        {
            throw new ShapeException($"{op}: images of {input} have no pixels, and nothing has neither maximum nor mean; sides are 1 or more");
        }

        GeometryLimits.CheckPixels(op, input[0], input[1], input[2]);
    }

    private static int Output(int size, int kernel, int stride, int padding, bool ceilMode)
    {
        int room = size + (2 * padding) - kernel;
        if (room < 0)
        {
            return 0;
        }

        int output = ((room + (ceilMode ? stride - 1 : 0)) / stride) + 1;
        return ceilMode && (output - 1) * stride >= size + padding ? output - 1 : output;
    }
}
