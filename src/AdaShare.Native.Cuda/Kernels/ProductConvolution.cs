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
/// The second form is that of 1x1 convolutions, and of dilated ones whose other taps all lie in the padding: at a dilation as large as the map eight of nine taps. Windows are laid out region by
/// region, without taps in the padding where many are: see <see cref="ConvolutionRegions"/>. Sums have one order, so results repeat to the bit.
/// Gradients of an input in bfloat16 are rounded once for each tap before the taps are added up in single precision: so they lie in memory between the product and the sum.
/// </remarks>
internal sealed class ProductConvolution(DeviceContext context, Products products)
{
    private const int VectorBytes = 16;
    private const string Module = "convolution";

    private readonly Dictionary<(Conv2dGeometry, DType), ConvolutionRegions> _regions = [];

    /// <summary>Whether a product does less than a convolution that knows nothing of the padding: a single tap, or many taps left out.</summary>
    public bool Suits(in Conv2dGeometry g, DType type) => RegionsOf(g, type) is { } regions && (regions.Tap is not null || regions.SkipsMuch);

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
        ConvolutionRegions regions = RegionsOf(g, kind == ConvolutionKind.BackwardInput ? filter.DType : input.DType);
        if (regions.Tap is { } tap)
        {
            RunTap(what, kind, g, tap, input, filter, output, accumulate);
        }
        else
        {
            RunWindows(new WindowProducts(what, kind, g, regions, input, filter, output), accumulate);
        }
    }

    private ConvolutionRegions RegionsOf(in Conv2dGeometry g, DType type)
    {
        if (!_regions.TryGetValue((g, type), out ConvolutionRegions? regions))
        {
            regions = new ConvolutionRegions(g, type);
            _regions.Add((g, type), regions);
        }

        return regions;
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
        Multiply(what, kind, x, w, y, (pixels, g.OutputChannels, g.InputChannels), count: 1, accumulate);
    }

    private void RunWindows(in WindowProducts p, bool accumulate)
    {
        Conv2dGeometry g = p.Geometry;
        long imageBytes = (long)p.Regions.Places * g.InputChannels * p.Operands.Size();
        int step = (int)Math.Clamp(context.Options.UnrolledBytes / imageBytes, 1, g.Batch);
        using Scratch rows = context.Scratch(step * imageBytes);
        using Scratch pixels = context.Scratch(p.Regions.IsWhole ? 0 : (long)step * p.Outputs * g.OutputChannels * p.Output.DType.Size());
        using Scratch filters = context.Scratch(p.Regions.IsWhole ? 0 : (long)p.Regions.Taps * g.OutputChannels * g.InputChannels * p.SortedFilters.Size());
        if (!p.Regions.IsWhole && p.Kind != ConvolutionKind.BackwardFilter)
        {
            GatherFilters(p, filters);
        }

        for (int first = 0; first < g.Batch; first += step)
        {
            RunImages(p, first, Math.Min(step, g.Batch - first), rows, pixels, filters, accumulate);
        }

        if (!p.Regions.IsWhole && p.Kind == ConvolutionKind.BackwardFilter)
        {
            SumFilters(p, filters, accumulate);
        }
    }

    private void RunImages(in WindowProducts p, int first, int images, Scratch rows, Scratch pixels, Scratch filters, bool accumulate)
    {
        bool whole = p.Regions.IsWhole;
        if (!whole && p.Kind != ConvolutionKind.Forward)
        {
            SortPixels(p, first, images, pixels, gather: true);
        }

        if (p.Kind == ConvolutionKind.BackwardInput)
        {
            MultiplyRegions(p, first, images, rows, pixels, filters, accumulate: false);
            Fold(p, first, images, rows, accumulate);
            return;
        }

        Unroll(p, first, images, rows);
        MultiplyRegions(p, first, images, rows, pixels, filters, p.Kind == ConvolutionKind.BackwardFilter && ((whole && accumulate) || first > 0));
        if (!whole && p.Kind == ConvolutionKind.Forward)
        {
            SortPixels(p, first, images, pixels, gather: false);
        }
    }

    private void MultiplyRegions(in WindowProducts p, int first, int images, Scratch rows, Scratch pixels, Scratch filters, bool accumulate)
    {
        int inputs = p.Geometry.InputChannels, outputs = p.Geometry.OutputChannels;
        DType filterType = p.Regions.IsWhole ? p.Filter.DType : p.SortedFilters;
        ulong y = p.Regions.IsWhole ? context.Pointer(p.Output) + (ulong)(first * p.OutputBytes) : pixels.Address;
        ulong w = p.Regions.IsWhole ? context.Pointer(p.Filter) : filters.Address;
        foreach (RegionGroup group in p.Regions.Groups)
        {
            int depth = group.Taps * inputs;
            long count = (long)images * group.Pixels;
            MatrixAt At(ulong start, DType type, long elements, int stride, long distance) => new(start + (ulong)(elements * type.Size()), type, stride, distance);
            Multiply(
                p.What,
                p.Kind,
                At(rows.Address, p.Operands, (long)group.FirstPlace * images * inputs, depth, count * depth),
                At(w, filterType, (long)group.FirstTap * outputs * inputs, depth, (long)outputs * depth),
                At(y, p.Output.DType, (long)group.FirstPixel * images * outputs, outputs, count * outputs),
                (checked((int)count), outputs, depth),
                group.Count,
                accumulate);
        }
    }

    /// <summary>One of y = x w^T, x (+)= y w, w (+)= y^T x, with x [pixels, depth], w [filters, depth] and y [pixels, filters], for some of each.</summary>
    private void Multiply(IDescribable what, ConvolutionKind kind, MatrixAt x, MatrixAt w, MatrixAt y, (int Pixels, int Filters, int Depth) sizes, int count, bool accumulate)
    {
        (int pixels, int filters, int depth) = sizes;
        switch (kind)
        {
            case ConvolutionKind.Forward:
                products.Multiply(what, x, false, w, true, y, (pixels, filters, depth), accumulate, count);
                break;
            case ConvolutionKind.BackwardInput:
                products.Multiply(what, y, false, w, false, x, (pixels, depth, filters), accumulate, count);
                break;
            default:
                products.Multiply(what, y, true, x, false, w, (filters, depth, pixels), accumulate, count);
                break;
        }
    }

    private void Unroll(in WindowProducts p, int first, int images, Scratch rows) => Begin("unroll_windows", p, p.Input.DType)
        .Int(Vectors(p.Input, p.Geometry.InputChannels)).Element(p.Input, first * p.InputElements).Pointer(rows.Address).Count(images)
        .Launch(LaunchShape.Rows((long)images * p.Outputs));

    private void Fold(in WindowProducts p, int first, int images, Scratch rows, bool accumulate) => Begin("fold_windows", p, p.Input.DType)
        .Int(p.Geometry.InputChannels % 4 == 0 && context.IsAligned(p.Input) ? 4 : 1).Pointer(rows.Address).Element(p.Input, first * p.InputElements).Flag(accumulate).Count(images)
        .Launch(LaunchShape.Rows((long)images * p.Geometry.InputHeight * p.Geometry.InputWidth));

    private void SortPixels(in WindowProducts p, int first, int images, Scratch pixels, bool gather)
    {
        int channels = p.Geometry.OutputChannels;
        KernelCall call = Begin("sort_pixels", p, p.Output.DType).Count(channels).Int(Vectors(p.Output, channels));
        long start = (long)first * p.Outputs * channels;
        call = gather ? call.Element(p.Output, start).Pointer(pixels.Address) : call.Pointer(pixels.Address).Element(p.Output, start);
        call.Flag(gather).Count(images).Launch(LaunchShape.Rows((long)images * p.Outputs));
    }

    private void GatherFilters(in WindowProducts p, Scratch filters) => Begin("gather_filters", p, p.Filter.DType)
        .Count(p.Geometry.OutputChannels).Int(Vectors(p.Filter, p.Geometry.InputChannels)).Tensor(p.Filter).Pointer(filters.Address).Launch(FilterTaps(p));

    private void SumFilters(in WindowProducts p, Scratch filters, bool accumulate) => Begin("sum_filters", p, p.Filter.DType)
        .Count(p.Geometry.OutputChannels).Pointer(filters.Address).Tensor(p.Filter).Flag(accumulate).Launch(FilterTaps(p));

    private KernelCall Begin(string kernel, in WindowProducts p, DType type) => context.Kernel(Module, kernel, type).Struct(Windows.Of(p.Geometry)).Struct(p.Regions.Table);

    private static LaunchShape FilterTaps(in WindowProducts p) => LaunchShape.Rows((long)p.Geometry.OutputChannels * p.Geometry.KernelHeight * p.Geometry.KernelWidth);

    /// <summary>The 16-byte vectors of a tensor's channels, 0 where they are not made of them.</summary>
    private int Vectors(Tensor tensor, int channels)
    {
        int width = VectorBytes / tensor.DType.Size();
        return channels % width == 0 && context.IsAligned(tensor) ? channels / width : 0;
    }

    /// <summary>A convolution that is done by laying out windows.</summary>
    private readonly record struct WindowProducts(
        IDescribable What, ConvolutionKind Kind, Conv2dGeometry Geometry, ConvolutionRegions Regions, Tensor Input, Tensor Filter, Tensor Output)
    {
        /// <summary>The type of windows: that of the factors, whatever the result's.</summary>
        public DType Operands => Kind == ConvolutionKind.BackwardInput ? Filter.DType : Input.DType;

        /// <summary>The type of filters that are sorted by region: sums over regions are of single precision.</summary>
        public DType SortedFilters => Kind == ConvolutionKind.BackwardFilter ? DType.Float32 : Filter.DType;

        public int Outputs => Geometry.OutputHeight * Geometry.OutputWidth;

        public long OutputBytes => (long)Outputs * Geometry.OutputChannels * Output.DType.Size();

        public long InputElements => (long)Geometry.InputHeight * Geometry.InputWidth * Geometry.InputChannels;
    }

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
