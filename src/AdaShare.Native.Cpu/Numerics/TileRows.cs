namespace AdaShare.Native.Cpu.Numerics;

/// <summary>How rows are cut into tiles of the full height and, at the end, of a lower one, with the least waste.</summary>
/// <param name="Height">Rows of a full tile.</param>
/// <param name="Full">Full tiles, first.</param>
/// <param name="RestHeight">Rows of the tiles after them.</param>
/// <param name="Rest">Their number.</param>
internal readonly record struct TileRows(int Height, int Full, int RestHeight, int Rest)
{
    /// <summary>The most rows of a tile of any height.</summary>
    public const int Max = 12;

    /// <summary>The number of tiles.</summary>
    public int Tiles => Full + Rest;

    /// <summary>The rows of all tiles, those beyond the end included; at most 3 more than there are.</summary>
    public int Padded => (Full * Height) + (Rest * RestHeight);

    /// <summary>The cut for a number of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="height">12, with tiles of 8 or 4 at the end, or 6, with tiles of 4.</param>
    public static TileRows Of(int rows, int height)
    {
        int full = rows / height, rest = rows % height;
        if (rest == 0)
        {
            return new TileRows(height, full, 4, 0);
        }

        if (height == 12)
        {
            return rest > 8 ? new TileRows(12, full + 1, 4, 0) : new TileRows(12, full, rest > 4 ? 8 : 4, 1);
        }

        return rest switch
        {
            5 => new TileRows(6, full + 1, 4, 0),
            3 or 4 => new TileRows(6, full, 4, 1),
            _ => full > 0 ? new TileRows(6, full - 1, 4, 2) : new TileRows(6, 0, 4, 1),
        };
    }

    /// <summary>The rows of a tile.</summary>
    public int RowsOf(int tile) => tile < Full ? Height : RestHeight;

    /// <summary>The first row of a tile.</summary>
    public int FirstRow(int tile) => tile < Full ? tile * Height : (Full * Height) + ((tile - Full) * RestHeight);
}
