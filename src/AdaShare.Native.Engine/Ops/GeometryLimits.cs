using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>How far windows may reach: within these limits kernels count rows, columns and pixels in 32 bits, sums and products of them included.</summary>
public static class GeometryLimits
{
    /// <summary>The largest stride, padding, dilation and kernel.</summary>
    public const int MaxStep = 1 << 12;

    /// <summary>The largest side of an image with its padding.</summary>
    public const int MaxSide = 1 << 24;

    internal static void CheckStep(string op, string what, int height, int width)
    {
        if (Math.Max(height, width) > MaxStep)
        {
            throw new ShapeException($"{op}: the {what} is {height}x{width}; at most {MaxStep} is taken in either direction");
        }
    }

    internal static void CheckSides(string op, Shape input, int padHeight, int padWidth)
    {
        if (input[1] + (2L * padHeight) > MaxSide || input[2] + (2L * padWidth) > MaxSide)
        {
            throw new ShapeException($"{op}: the input {input} with a padding of {padHeight}x{padWidth} is too large; its padded sides are at most {MaxSide}");
        }
    }

    internal static void CheckPixels(string op, int batch, int height, int width)
    {
        // Without images there are no pixels, but kernels still count those of one.
        if ((long)height * width > int.MaxValue / Math.Max(1, batch))
        {
            throw new ShapeException($"{op}: {batch} images of {height}x{width} have more than {int.MaxValue} pixels; use a smaller batch");
        }
    }
}
