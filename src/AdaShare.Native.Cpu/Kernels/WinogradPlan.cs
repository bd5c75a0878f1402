using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The tiles of a Winograd convolution: 4x4 outputs each, spaced by the dilation, so that each phase of a dilated convolution is a dense one.</summary>
internal sealed unsafe class WinogradPlan
{
    // Measured, in multiplications for each pair of an input and an output channel: 36 of them a tile and the transforms of its inputs and outputs; the transform of the filter.
    private const int TileCost = 42;
    private const int FilterCost = 180;

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

    /// <summary>Whether the transforms apply: 3x3, stride 1, padding equal to the dilation, channels in multiples of 16.</summary>
    public static bool Fits(in Conv2dGeometry geometry) =>
        geometry is { KernelHeight: 3, KernelWidth: 3, Options: { StrideHeight: 1, StrideWidth: 1 } }
        && geometry.Options.DilationHeight == geometry.Options.DilationWidth
        && geometry.Options.PadHeight == geometry.Options.DilationHeight
        && geometry.Options.PadWidth == geometry.Options.DilationWidth
        && geometry.InputChannels % WinogradKernels.Granularity == 0
        && geometry.OutputChannels % WinogradKernels.Granularity == 0;

    /// <summary>Whether this is cheaper than multiplying the taps inside the image one by one.</summary>
    /// <param name="runs">The taps inside the image.</param>
    public bool Pays(TapRuns runs)
    {
        double direct = runs.Pixels.Sum(static n => (long)n);
        return (TileCost * Tiles.Length) + FilterCost < direct;
    }

    /// <summary>The addresses of a square of pixels of a tile.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="first">The square's first row and column, from the tile's first output in steps of the dilation: 0 for outputs, -1 for inputs.</param>
    /// <param name="side">Rows and columns of the square, at most 6.</param>
    /// <param name="images">The first pixel of the first image, at the first channel wanted.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="outside">The address of pixels outside the image.</param>
    /// <param name="pixels">side * side addresses, row by row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Locate(int tile, int first, int side, float* images, nint channels, float* outside, float** pixels)
    {
        (int image, int y, int x) = Tiles[tile];
        int dilation = Geometry.Options.DilationHeight, width = Geometry.InputWidth;
        nint* columns = stackalloc nint[6];
        for (int j = 0; j < side; j++)
        {
            int column = x + ((first + j) * dilation);
            columns[j] = (uint)column < (uint)width ? column * channels : -1;
        }

        for (int i = 0; i < side; i++)
        {
            int row = y + ((first + i) * dilation);
            bool inside = (uint)row < (uint)Geometry.InputHeight;
            float* start = images + ((((nint)image * Geometry.InputHeight) + row) * width * channels);
            for (int j = 0; j < side; j++)
            {
                *pixels++ = inside && columns[j] >= 0 ? start + columns[j] : outside;
            }
        }
    }
}
