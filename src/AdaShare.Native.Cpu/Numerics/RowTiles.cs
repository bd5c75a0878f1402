using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>A column of tiles whose rows lie at addresses of their own: the loop around the <c>Rows</c> micro-kernels that takes care of the edges.</summary>
internal readonly unsafe ref struct RowTiles<T> where T : unmanaged, INumberBase<T>
{
    public required MicroKernels<T> Kernels { get; init; }

    /// <summary>The number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The address of each row's operand, for all <see cref="TileRows.Padded"/> rows; those beyond the end repeat a valid one.</summary>
    public required T** Sources { get; init; }

    /// <summary>The address of each row's result, likewise.</summary>
    public required T** Targets { get; init; }

    /// <summary>Offsets of the taps from <see cref="Sources"/>.</summary>
    public required nint* SourceOffsets { get; init; }

    /// <summary>The first row of each tap in a panel.</summary>
    public required nint* PanelRows { get; init; }

    /// <summary>The number of taps.</summary>
    public required int Taps { get; init; }

    /// <summary>The depth of each tap.</summary>
    public required int Depth { get; init; }

    /// <summary>Fills addresses for the rows beyond the end.</summary>
    public static void Pad(TileRows tiles, int rows, T** addresses)
    {
        for (int row = rows; row < tiles.Padded; row++)
        {
            addresses[row] = addresses[rows - 1];
        }
    }

    /// <summary>Targets[r][column + c] (+)= initial[c] + the products with one panel.</summary>
    /// <param name="panel">The packed panel.</param>
    /// <param name="column">Its first column in the result.</param>
    /// <param name="columns">1 … Width columns that exist; the panel is <see cref="MicroKernels{T}.PanelWidth"/> of them wide.</param>
    /// <param name="initial">Width numbers, or null for zeros.</param>
    /// <param name="accumulate">Whether to add to the result.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(T* panel, int column, int columns, T* initial, bool accumulate)
    {
        int width = Kernels.PanelWidth(columns);
        T* scratch = stackalloc T[TileRows.Max * width];
        T** scratchRows = stackalloc T*[TileRows.Max];
        for (int r = 0; r < TileRows.Max; r++)
        {
            scratchRows[r] = scratch + (r * width);
        }

        initial = initial == null ? (T*)MicroKernels<T>.Zeros : initial;
        TileRows tiles = Kernels.Cut(Rows);
        for (int tile = 0; tile < tiles.Tiles; tile++)
        {
            int first = tiles.FirstRow(tile), height = tiles.RowsOf(tile);
            int valid = Math.Min(height, Rows - first);
            bool whole = valid == height && columns == width;
            var kernel = Kernels.Rows(height, columns);
            kernel(Taps, Depth, Sources + first, SourceOffsets, panel, PanelRows, initial, whole ? Targets + first : scratchRows, whole ? column : 0, whole && accumulate);
            if (!whole)
            {
                TileStore.Merge(scratch, width, Targets + first, column, valid, columns, accumulate);
            }
        }
    }
}
