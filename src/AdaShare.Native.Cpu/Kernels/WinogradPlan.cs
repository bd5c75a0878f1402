using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The tiles of a Winograd convolution: 4x4 outputs each, spaced by the dilation, so that each phase of a dilated convolution is a dense one.</summary>
internal sealed class WinogradPlan
{
    // Measured: the transforms cost two fifths of the products they save.
    private const double TransformOverhead = 1.4;

    /// <summary>Lists the tiles.</summary>
    /// <param name="geometry">A shape for which <see cref="Fits"/> is true.</param>
    public WinogradPlan(in Conv2dGeometry geometry)
    {
        Geometry = geometry;
        var tiles = new List<(int Image, int Row, int Column)>();
        int dilation = geometry.Options.DilationHeight;
        for (int n = 0; n < geometry.Batch; n++)
        {
            for (int phase = 0; phase < dilation * dilation; phase++)
            {
                for (int y = phase / dilation; y < geometry.InputHeight; y += 4 * dilation)
                {
                    for (int x = phase % dilation; x < geometry.InputWidth; x += 4 * dilation)
                    {
                        tiles.Add((n, y, x));
                    }
                }
            }
        }

        Tiles = [.. tiles];
    }

    /// <summary>The shape.</summary>
    public Conv2dGeometry Geometry { get; }

    /// <summary>The image of each tile, and the row and column of its first output.</summary>
    public (int Image, int Row, int Column)[] Tiles { get; }

    /// <summary>Whether the transforms apply: 3x3, stride 1, padding equal to the dilation, channels in whole panels.</summary>
    public static bool Fits(in Conv2dGeometry geometry) =>
        geometry is { KernelHeight: 3, KernelWidth: 3, Options: { StrideHeight: 1, StrideWidth: 1 } }
        && geometry.Options.DilationHeight == geometry.Options.DilationWidth
        && geometry.Options.PadHeight == geometry.Options.DilationHeight
        && geometry.Options.PadWidth == geometry.Options.DilationWidth
        && geometry.InputChannels % ConvolutionWinograd.Width == 0
        && geometry.OutputChannels % ConvolutionWinograd.Width == 0;

    /// <summary>Whether this is cheaper than multiplying the taps inside the image one by one.</summary>
    /// <param name="runs">The taps inside the image.</param>
    public bool Pays(TapRuns runs)
    {
        double pixels = (double)Geometry.Batch * Geometry.InputHeight * Geometry.InputWidth;
        double inside = runs.Pixels.Sum(static n => (long)n) / (9 * pixels);
        return TransformOverhead * WinogradTransforms.Planes * Tiles.Length / (9 * pixels) < inside;
    }

    /// <summary>The index of a pixel, batch included, or -1 outside the image.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="row">Rows from its first output, in steps of the dilation.</param>
    /// <param name="column">Columns likewise.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Pixel(int tile, int row, int column)
    {
        (int image, int y, int x) = Tiles[tile];
        int dilation = Geometry.Options.DilationHeight;
        y += row * dilation;
        x += column * dilation;
        return (uint)y < (uint)Geometry.InputHeight && (uint)x < (uint)Geometry.InputWidth ? (((image * Geometry.InputHeight) + y) * Geometry.InputWidth) + x : -1;
    }
}
