using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// How the rows of a batch norm are cut: into cells whose statistics and gates are the same, cells into blocks that stay in the first-level cache, blocks into tables' lengths.
/// The cuts follow from the shapes alone.
/// </summary>
internal readonly struct NormLayout
{
    // Of input, residual, gradient and two intermediates, 8 KB each, most stays in 48 KB.
    private const int TargetBlock = 2048;
    private const int RowsAtOnce = 4;

    /// <summary>Cuts an input.</summary>
    /// <param name="input">[B, …, C], not empty.</param>
    /// <param name="groups">Groups of statistics, G.</param>
    /// <param name="gates">[S, 2] or null.</param>
    /// <param name="outputs">Elements of the output: S times those of the input where the streams share it.</param>
    public NormLayout(Tensor input, int groups, Tensor? gates, long outputs)
    {
        Channels = input.Shape[-1];
        Groups = groups;
        Streams = gates?.Shape[0] ?? 1;
        Elements = input.Count;
        IsShared = Streams > 1 && outputs > Elements;
        Cells = IsShared ? groups : LeastCommonMultiple(groups, Streams);
        CellElements = Elements / Cells;
        GroupRows = Elements / Channels / groups;
        Length = ChannelTable.Length(Channels);
        BlockElements = Length * Math.Max(RowsAtOnce, TargetBlock / Length / RowsAtOnce * RowsAtOnce);
        CellBlocks = (CellElements + BlockElements - 1) / BlockElements;
    }

    /// <summary>C.</summary>
    public int Channels { get; }

    /// <summary>G.</summary>
    public int Groups { get; }

    /// <summary>S.</summary>
    public int Streams { get; }

    /// <summary>Whether all streams read every element of the input.</summary>
    public bool IsShared { get; }

    /// <summary>Elements of the input; also from one stream's output to the next's where it is shared.</summary>
    public long Elements { get; }

    /// <summary>The number of cells.</summary>
    public int Cells { get; }

    /// <summary>Elements of a cell.</summary>
    public long CellElements { get; }

    /// <summary>Rows of a group: what its statistics are over.</summary>
    public long GroupRows { get; }

    /// <summary>Elements of a table.</summary>
    public int Length { get; }

    /// <summary>Elements of a block.</summary>
    public int BlockElements { get; }

    /// <summary>Blocks of a cell.</summary>
    public long CellBlocks { get; }

    /// <summary>Blocks of the whole.</summary>
    public long Blocks => Cells * CellBlocks;

    /// <summary>The work of a block in elements.</summary>
    public long BlockCost => IsShared ? (long)Streams * BlockElements : BlockElements;

    /// <summary>The parts that a cell's sums are cut into.</summary>
    public int CellParts => (int)Math.Min(Ranges.Parts(IsShared ? Streams * CellElements : CellElements), CellBlocks);

    /// <summary>The group of a cell.</summary>
    public int GroupOf(int cell) => (int)((long)cell * Groups / Cells);

    /// <summary>The stream of a cell; 0 where the input is shared.</summary>
    public int StreamOf(int cell) => IsShared ? 0 : (int)((long)cell * Streams / Cells);

    /// <summary>The cell, the first element and the number of elements of a block.</summary>
    public (int Cell, long Start, long Count) Block(long block)
    {
        int cell = (int)(block / CellBlocks);
        long first = block % CellBlocks * BlockElements;
        return (cell, (cell * CellElements) + first, Math.Min(BlockElements, CellElements - first));
    }

    private static int LeastCommonMultiple(int a, int b) => a / (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b) * b;
}
