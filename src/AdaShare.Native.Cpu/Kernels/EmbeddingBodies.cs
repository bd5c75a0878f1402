using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Ids of either type.</summary>
internal readonly unsafe struct Ids(Tensor ids)
{
    private readonly int* _integers = ids.DType == DType.Int32 ? ids.Pointer<int>() : null;
    private readonly byte* _bytes = ids.DType == DType.UInt8 ? ids.Pointer<byte>() : null;

    /// <summary>The id at a position.</summary>
    public int this[long position] => _integers != null ? _integers[position] : _bytes[position];
}

/// <summary>
/// Positions in the order of their ids, equal ids in the order in which they stand, and each row's part of them cut into pieces. A row to leave out has none. It lies in scratch memory.
/// </summary>
internal readonly unsafe struct SortedIds
{
    private readonly int* _positions;
    private readonly int* _starts;
    private readonly int* _firstPieces;
    private readonly int* _rowOfPiece;

    /// <summary>Sorts by counting.</summary>
    public SortedIds(CpuScratch scratch, Ids ids, int count, int rows, int leftOut)
    {
        const int Length = EmbeddingKernels.PieceLength;
        long mostPieces = Math.Min(count, rows) + ((long)count / Length);
        _positions = scratch.Shared<int>(ScratchSlot.Pointers, count);
        _starts = scratch.Shared<int>(ScratchSlot.Small, (2 * (rows + 1L)) + mostPieces);
        _firstPieces = _starts + rows + 1;
        _rowOfPiece = _firstPieces + rows + 1;
        new Span<int>(_starts, rows + 1).Clear();
        for (int i = 0; i < count; i++)
        {
            int id = ids[i];
            _starts[id + 1] += id == leftOut ? 0 : 1;
        }

        for (int row = 0; row < rows; row++)
        {
            _starts[row + 1] += _starts[row];
        }

        // Until the pieces are known, their place holds where each row's next position goes.
        new Span<int>(_starts, rows).CopyTo(new Span<int>(_firstPieces, rows));
        for (int i = 0; i < count; i++)
        {
            int id = ids[i];
            if (id != leftOut)
            {
                _positions[_firstPieces[id]++] = i;
            }
        }

        int pieces = 0;
        for (int row = 0; row < rows; row++)
        {
            _firstPieces[row] = pieces;
            for (int left = _starts[row + 1] - _starts[row]; left > 0; left -= Length)
            {
                _rowOfPiece[pieces++] = row;
            }
        }

        _firstPieces[rows] = pieces;
        Pieces = pieces;
    }

    /// <summary>The number of pieces.</summary>
    public int Pieces { get; }

    /// <summary>The positions of a piece.</summary>
    public ReadOnlySpan<int> Piece(int piece)
    {
        int row = _rowOfPiece[piece], start = _starts[row] + ((piece - _firstPieces[row]) * EmbeddingKernels.PieceLength);
        return new ReadOnlySpan<int>(_positions + start, Math.Min(EmbeddingKernels.PieceLength, _starts[row + 1] - start));
    }

    /// <summary>The pieces of a row.</summary>
    public (int Start, int End) Row(long row) => (_firstPieces[row], _firstPieces[row + 1]);
}

/// <summary>Rows of the output: copies of the table's.</summary>
internal readonly unsafe struct LookUpBody<T>(Ids ids, T* table, T* output, int columns) : IRangeBody where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long position = start; position < end; position++)
        {
            new ReadOnlySpan<T>(table + ((long)ids[position] * columns), columns).CopyTo(new Span<T>(output + (position * columns), columns));
        }
    }
}

/// <summary>Sums of the gradients at the positions of a piece.</summary>
internal readonly unsafe struct PieceBody<T>(SortedIds sorted, T* gradOutput, double* sums, int columns) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long piece = start; piece < end; piece++)
        {
            double* sum = sums + (piece * columns);
            new Span<double>(sum, columns).Clear();
            foreach (int position in sorted.Piece((int)piece))
            {
                Add(gradOutput + ((long)position * columns), sum, columns);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(T* row, double* sum, int columns)
    {
        int c = 0;
        for (; c <= columns - 4; c += 4)
        {
            (Vector256.Load(sum + c) + Lanes.LoadDoubles(row + c)).Store(sum + c);
        }

        for (; c < columns; c++)
        {
            sum[c] += Lanes.Double(row[c]);
        }
    }
}

/// <summary>Rows of the table's gradient: the sums of their pieces, 0 where there are none.</summary>
internal readonly unsafe struct RowBody<T>(SortedIds sorted, double* sums, T* gradTable, int columns, bool accumulate) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long row = start; row < end; row++)
        {
            (int first, int last) = sorted.Row(row);
            T* target = gradTable + (row * columns);
            for (int c = 0; c < columns; c++)
            {
                double sum = 0;
                for (int piece = first; piece < last; piece++)
                {
                    sum += sums[((long)piece * columns) + c];
                }

                target[c] = accumulate ? target[c] + Lanes.Round<T>(sum) : Lanes.Round<T>(sum);
            }
        }
    }
}
