using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Regions of one shape: their products are of one size and lie at equal distances, so that one call does them all.</summary>
/// <param name="Count">How many regions.</param>
/// <param name="Pixels">Pixels of an image in each.</param>
/// <param name="Taps">Taps of a window in each.</param>
/// <param name="FirstPlace">Pixels times taps, of an image, in the regions before them.</param>
/// <param name="FirstPixel">Pixels of an image in the regions before them.</param>
/// <param name="FirstTap">Taps in the regions before them.</param>
internal readonly record struct RegionGroup(int Count, int Pixels, int Taps, int FirstPlace, int FirstPixel, int FirstTap);

/// <summary>
/// The output of a convolution cut into regions in which all windows have the same taps inside the input, so that nothing is multiplied by the zeros of the padding; or left whole, where there is
/// little of that.
/// </summary>
/// <remarks>A 3x3 window at a dilation of more than half the map has four taps inside in the corners, two along the edges and one in the middle: 37 % of the products at dilation 24 on 41x41.</remarks>
internal sealed class ConvolutionRegions
{
    /// <summary>The most bands of a dimension that kernels know.</summary>
    public const int MostBands = 3;

    // Up to this share of the products cutting wins: there are three kernels more, and the output moves once more. On an H200 cuDNN's engines for dilated windows take 2.7 times as long as the
    // products in TF32 (2.08 and 0.76 ms at dilation 12), so that less is worth leaving out (foreseen for dilation 6: 0.96 ms); in bfloat16 they are a fifth slower than whole products.
    private const double WorthwhileShare = 0.85;
    private const double WorthwhileShareOfBfloat16 = 0.75;

    // At the rate of tensor cores these many products take the time of a few kernels.
    private const long WorthwhileProducts = 1L << 32;

    private readonly List<RegionGroup> _groups = [];

    /// <summary>Cuts a convolution's output.</summary>
    /// <param name="g">Its sizes.</param>
    /// <param name="type">The type of its factors.</param>
    public ConvolutionRegions(in Conv2dGeometry g, DType type)
    {
        double share = type == DType.BFloat16 ? WorthwhileShareOfBfloat16 : WorthwhileShare;
        List<ConvolutionBand> rows = ConvolutionBand.Rows(g), columns = ConvolutionBand.Columns(g);
        Tap = SingleTap(g, rows, columns);
        long useful = g.UsefulMultiplyAdds;
        IsWhole = rows.Count > MostBands || columns.Count > MostBands || rows.Concat(columns).Any(static band => band.Taps == 0) || useful > share * g.MultiplyAdds;
        SkipsMuch = !IsWhole && g.MultiplyAdds - useful >= WorthwhileProducts;
        if (IsWhole)
        {
            (rows, columns) = ([ConvolutionBand.AllRows(g)], [ConvolutionBand.AllColumns(g)]);
        }

        Sort(rows, columns);
    }

    /// <summary>The only tap of a window that ever meets the input, where it meets every pixel of the output in its own place; null where there is no such tap.</summary>
    public int? Tap { get; }

    /// <summary>Whether there is one region, with all taps.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether what is left out is worth more than the work around it.</summary>
    public bool SkipsMuch { get; }

    /// <summary>Pixels times taps of an image.</summary>
    public int Places { get; private set; }

    /// <summary>Taps of all regions.</summary>
    public int Taps { get; private set; }

    /// <summary>The regions by shape.</summary>
    public IReadOnlyList<RegionGroup> Groups => _groups;

    /// <summary>What kernels need to know.</summary>
    public RegionTable Table { get; private set; }

    private static int? SingleTap(in Conv2dGeometry g, List<ConvolutionBand> rows, List<ConvolutionBand> columns)
    {
        Conv2dOptions o = g.Options;
        bool single = IsIdentity(rows, g.InputHeight, g.OutputHeight, o.StrideHeight, o.PadHeight, o.DilationHeight)
            && IsIdentity(columns, g.InputWidth, g.OutputWidth, o.StrideWidth, o.PadWidth, o.DilationWidth);
        return single ? (rows[0].Tap * g.KernelWidth) + columns[0].Tap : null;
    }

    private static bool IsIdentity(List<ConvolutionBand> bands, int input, int output, int stride, int pad, int dilation) =>
        bands.Count == 1 && bands[0].Taps == 1 && input == output && (stride == 1 || output == 1) && bands[0].Tap * dilation == pad;

    private void Sort(List<ConvolutionBand> rows, List<ConvolutionBand> columns)
    {
        var table = new RegionTable { Rows = BandsOf(rows), Columns = BandsOf(columns) };
        var shapes = rows.SelectMany((row, i) => columns.Select((column, j) => (Index: (i * MostBands) + j, Pixels: row.Count * column.Count, Taps: row.Taps * column.Taps)))
            .GroupBy(static region => (region.Pixels, region.Taps));
        int pixels = 0;
        foreach (var shape in shapes)
        {
            _groups.Add(new RegionGroup(shape.Count(), shape.Key.Pixels, shape.Key.Taps, Places, pixels, Taps));
            foreach ((int index, _, _) in shape)
            {
                (table.FirstPlaces[index], table.FirstPixels[index], table.FirstTaps[index]) = (Places, pixels, Taps);
                (Places, pixels, Taps) = (Places + (shape.Key.Pixels * shape.Key.Taps), pixels + shape.Key.Pixels, Taps + shape.Key.Taps);
            }
        }

        Table = table;
    }

    private static BandTriple BandsOf(List<ConvolutionBand> bands)
    {
        var triple = new BandTriple();
        for (int i = 0; i < MostBands; i++)
        {
            triple[i] = i < bands.Count ? bands[i] : ConvolutionBand.None;
        }

        return triple;
    }
}

/// <summary>Bands of a dimension.</summary>
[InlineArray(ConvolutionRegions.MostBands)]
internal struct BandTriple
{
    private ConvolutionBand _first;
}

/// <summary>A number for each region.</summary>
[InlineArray(ConvolutionRegions.MostBands * ConvolutionRegions.MostBands)]
internal struct RegionNumbers
{
    private int _first;
}

/// <summary><c>Regions</c> in kernels/convolution.cu; a region's index is that of its rows times three and that of its columns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RegionTable
{
    public BandTriple Rows;
    public BandTriple Columns;
    public RegionNumbers FirstPlaces;
    public RegionNumbers FirstPixels;
    public RegionNumbers FirstTaps;
}
