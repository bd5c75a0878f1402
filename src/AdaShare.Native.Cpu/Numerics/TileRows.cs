namespace AdaShare.Native.Cpu.Numerics;

/// <summary>How rows are cut into tiles of six and, at the end, of four, with the least waste.</summary>
/// <param name="Sixes">Tiles of six rows, first.</param>
/// <param name="Fours">Tiles of four rows, after them.</param>
internal readonly record struct TileRows(int Sixes, int Fours)
{
    /// <summary>The most rows of a tile.</summary>
    public const int Max = 6;

    /// <summary>The number of tiles.</summary>
    public int Tiles => Sixes + Fours;

    /// <summary>The rows of all tiles, those beyond the end included.</summary>
    public int Padded => (Sixes * 6) + (Fours * 4);

    /// <summary>The cut for a number of rows.</summary>
    public static TileRows Of(int rows)
    {
        int sixes = rows / 6;
        return (rows % 6) switch
        {
            0 => new TileRows(sixes, 0),
            5 => new TileRows(sixes + 1, 0),
            3 or 4 => new TileRows(sixes, 1),
            _ => sixes > 0 ? new TileRows(sixes - 1, 2) : new TileRows(0, 1),
        };
    }

    /// <summary>The rows of a tile.</summary>
    public int RowsOf(int tile) => tile < Sixes ? 6 : 4;

    /// <summary>The first row of a tile.</summary>
    public int FirstRow(int tile) => tile < Sixes ? tile * 6 : (Sixes * 6) + ((tile - Sixes) * 4);
}
