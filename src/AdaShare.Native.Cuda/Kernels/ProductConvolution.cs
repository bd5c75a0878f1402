using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Cudnn;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// Convolutions as products of matrices: of the windows that a kernel has laid out in memory, or, where a single tap meets the input and meets every pixel in its place, of the input itself.
/// </summary>
/// <remarks>
/// The second form is that of 1x1 convolutions, and of dilated ones whose other taps all lie in the padding: at a dilation as large as the map eight of nine taps. Sums have one order, so results
/// repeat to the bit.
/// </remarks>
internal sealed class ProductConvolution(DeviceContext context, Products products)
{
    // What is laid out at once; more images than fit take turns.
    private const long MostUnrolled = 256L << 20;

    private const string Module = "convolution";

    /// <summary>The only tap of a window that ever meets the input, where it meets every pixel of the output in its own place; null where there is no such tap.</summary>
    public static int? SingleTap(in Conv2dGeometry g)
    {
        Conv2dOptions o = g.Options;
        int? row = SingleTap(g.InputHeight, g.OutputHeight, g.KernelHeight, o.StrideHeight, o.PadHeight, o.DilationHeight);
        int? column = SingleTap(g.InputWidth, g.OutputWidth, g.KernelWidth, o.StrideWidth, o.PadWidth, o.DilationWidth);
        return (row * g.KernelWidth) + column;
    }

    /// <summary>Runs a convolution.</summary>
    /// <param name="what">Who asks, for an error.</param>
    /// <param name="kind">Which of its products.</param>
    /// <param name="g">Its sizes.</param>
    /// <param name="input">The input, or its gradient.</param>
    /// <param name="filter">The filter, or its gradient.</param>
    /// <param name="output">The output, or its gradient.</param>
    /// <param name="accumulate">Whether to add to the gradient.</param>
    public void Run(IDescribable what, ConvolutionKind kind, in Conv2dGeometry g, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        if (SingleTap(g) is { } tap)
        {
            RunTap(what, kind, g, tap, input, filter, output, accumulate);
        }
        else
        {
            RunWindows(what, kind, g, input, filter, output, accumulate);
        }
    }

    private static int? SingleTap(int input, int output, int kernel, int stride, int pad, int dilation)
    {
        int? found = null;
        for (int k = 0; k < kernel; k++)
        {
            // Positions of the tap for the first and the last output.
            int first = (k * dilation) - pad, last = first + ((output - 1) * stride);
            if (first < input && last >= 0 && Meets(first, stride, output, input))
            {
                if (found is not null || first != 0 || stride != 1 || output != input)
                {
                    return null;
                }

                found = k;
            }
        }

        return found;
    }

    private static bool Meets(int first, int stride, int outputs, int input)
    {
        for (int o = 0; o < outputs; o++)
        {
            if ((uint)(first + (o * stride)) < (uint)input)
            {
                return true;
            }
        }

        return false;
    }

    private void RunTap(IDescribable what, ConvolutionKind kind, in Conv2dGeometry g, int tap, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        int pixels = checked(g.Batch * g.InputHeight * g.InputWidth), taps = g.KernelHeight * g.KernelWidth;
        if (kind == ConvolutionKind.BackwardFilter && taps > 1 && !accumulate)
        {
            // The other taps have met nothing but padding.
            context.Commands.Issue([(ulong)CommandKind.SetBytes, context.Pointer(filter), 0, (ulong)(filter.Count * filter.DType.Size())], what);
        }

        MatrixAt x = new(context.Pointer(input), input.DType, g.InputChannels), y = new(context.Pointer(output), output.DType, g.OutputChannels);
        var w = new MatrixAt(context.Pointer(filter) + (ulong)(tap * g.InputChannels * filter.DType.Size()), filter.DType, taps * g.InputChannels);
        Multiply(what, kind, x, w, y, (pixels, g.OutputChannels, g.InputChannels), accumulate);
    }

    private void RunWindows(IDescribable what, ConvolutionKind kind, in Conv2dGeometry g, Tensor input, Tensor filter, Tensor output, bool accumulate)
    {
        DType type = kind == ConvolutionKind.BackwardInput ? filter.DType : input.DType;
        int outputs = g.OutputHeight * g.OutputWidth, window = g.KernelHeight * g.KernelWidth * g.InputChannels;
        long imageBytes = (long)outputs * window * type.Size();
        int step = (int)Math.Clamp(MostUnrolled / imageBytes, 1, g.Batch);
        using Scratch rows = context.Scratch(step * imageBytes);
        for (int first = 0; first < g.Batch; first += step)
        {
            int images = Math.Min(step, g.Batch - first);
            long inputStart = (long)first * g.InputHeight * g.InputWidth * g.InputChannels, outputStart = (long)first * outputs * g.OutputChannels;
            var x = new MatrixAt(rows.Address, type, window);
            var y = new MatrixAt(context.Pointer(output) + (ulong)(outputStart * output.DType.Size()), output.DType, g.OutputChannels);
            var w = new MatrixAt(context.Pointer(filter), filter.DType, window);
            (int, int, int) sizes = (images * outputs, g.OutputChannels, window);
            if (kind == ConvolutionKind.BackwardInput)
            {
                Multiply(what, kind, x, w, y, sizes, accumulate: false);
                Fold(g, input, inputStart, images, rows, accumulate);
            }
            else
            {
                Unroll(g, input, inputStart, images, rows);
                Multiply(what, kind, x, w, y, sizes, accumulate || (kind == ConvolutionKind.BackwardFilter && first > 0));
            }
        }
    }

    /// <summary>One of y = x w^T, x (+)= y w, w (+)= y^T x, with x [pixels, depth], w [filters, depth] and y [pixels, filters].</summary>
    private void Multiply(IDescribable what, ConvolutionKind kind, MatrixAt x, MatrixAt w, MatrixAt y, (int Pixels, int Filters, int Depth) sizes, bool accumulate)
    {
        (int pixels, int filters, int depth) = sizes;
        switch (kind)
        {
            case ConvolutionKind.Forward:
                products.Multiply(what, x, false, w, true, y, (pixels, filters, depth), accumulate);
                break;
            case ConvolutionKind.BackwardInput:
                products.Multiply(what, y, false, w, false, x, (pixels, depth, filters), accumulate);
                break;
            default:
                products.Multiply(what, y, true, x, false, w, (filters, depth, pixels), accumulate);
                break;
        }
    }

    private void Unroll(in Conv2dGeometry g, Tensor input, long start, int images, Scratch rows)
    {
        int width = Width(g, input);
        long items = (long)images * g.OutputHeight * g.OutputWidth * g.KernelHeight * g.KernelWidth * g.InputChannels / width;
        context.Kernel(Module, "unroll_windows", input.DType).Struct(Windows.Of(g)).Int(width).Element(input, start).Pointer(rows.Address).Count(items)
            .Launch(LaunchShape.Linear(items));
    }

    private void Fold(in Conv2dGeometry g, Tensor input, long start, int images, Scratch rows, bool accumulate)
    {
        int width = Width(g, input);
        long items = (long)images * g.InputHeight * g.InputWidth * g.InputChannels / width;
        context.Kernel(Module, "fold_windows", input.DType).Struct(Windows.Of(g)).Int(width).Pointer(rows.Address).Element(input, start).Flag(accumulate).Count(items)
            .Launch(LaunchShape.Linear(items));
    }

    private int Width(in Conv2dGeometry g, Tensor input) => g.InputChannels % 4 == 0 && context.IsAligned(input) ? 4 : 1;

    [StructLayout(LayoutKind.Sequential)]
    private struct Windows
    {
        public uint Height;
        public uint Width;
        public uint Channels;
        public uint OutputHeight;
        public uint OutputWidth;
        public uint KernelHeight;
        public uint KernelWidth;
        public uint StrideHeight;
        public uint StrideWidth;
        public uint PadHeight;
        public uint PadWidth;
        public uint DilationHeight;
        public uint DilationWidth;

        public static Windows Of(in Conv2dGeometry g) => new()
        {
            Height = (uint)g.InputHeight,
            Width = (uint)g.InputWidth,
            Channels = (uint)g.InputChannels,
            OutputHeight = (uint)g.OutputHeight,
            OutputWidth = (uint)g.OutputWidth,
            KernelHeight = (uint)g.KernelHeight,
            KernelWidth = (uint)g.KernelWidth,
            StrideHeight = (uint)g.Options.StrideHeight,
            StrideWidth = (uint)g.Options.StrideWidth,
            PadHeight = (uint)g.Options.PadHeight,
            PadWidth = (uint)g.Options.PadWidth,
            DilationHeight = (uint)g.Options.DilationHeight,
            DilationWidth = (uint)g.Options.DilationWidth,
        };
    }
}
