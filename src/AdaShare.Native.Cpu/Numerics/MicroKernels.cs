using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>
/// The innermost loops that matrix products and convolutions are made of, for one element type and one vector width.
/// </summary>
/// <remarks>
/// Each computes a tile of some rows by two vectors of columns in registers. With 32 registers (512 bits) it has 12 rows: 24 accumulators, two columns and one broadcast;
/// with 16 it has 6: 12 accumulators. At the ends of a matrix stand tiles of fewer rows, and of one vector. They are leaf methods: a call inside the loop would make the
/// JIT keep every accumulator on the stack. Tiles are complete: what lies beyond a matrix's edge is computed into a scratch tile by the caller, see <see cref="TileStore"/>.
/// <para>
/// <c>Rows(taps, depth, sources, sourceOffsets, panel, panelRows, initial, targets, targetOffset, accumulate)</c>:
/// targets[r][targetOffset + c] (+)= initial[c] + sum over t and k of sources[r][sourceOffsets[t] + k] * panel[(panelRows[t] + k) * width + c].
/// </para>
/// <para>
/// <c>Outer(runs, table, leftUnit, leftStep, left, rightUnit, right, initial, target, targetStride, accumulate)</c>:
/// target[r * targetStride + c] (+)= initial[c] + sum over runs (p, q, n) of the table and i below n of left[p * leftUnit + i * leftStep + r] * right[(q + i) * rightUnit + c].
/// </para>
/// </remarks>
internal sealed unsafe class MicroKernels<T> where T : unmanaged, INumberBase<T>
{
    /// <summary>A vector pair of zeros of any width: an <c>initial</c> row that adds nothing.</summary>
    public static readonly nint Zeros = (nint)NativeMemory.AllocZeroed(256);

    // At index h stands the kernel of h rows (an even number) and one vector, at h + 1 that of two.
    private readonly delegate*<int, int, T**, nint*, T*, nint*, T*, T**, nint, bool, void>[] _rows = new delegate*<int, int, T**, nint*, T*, nint*, T*, T**, nint, bool, void>[14];
    private readonly delegate*<int, int*, nint, nint, T*, nint, T*, T*, T*, nint, bool, void>[] _outer = new delegate*<int, int*, nint, nint, T*, nint, T*, T*, T*, nint, bool, void>[14];

    /// <summary>The kernels of a width.</summary>
    /// <param name="vectors">One that the processor has.</param>
    public MicroKernels(VectorWidth vectors)
    {
        Vectors = vectors;
        switch (vectors)
        {
            case VectorWidth.Bits512:
                Height = 12;
                Lanes = Vector512<T>.Count;
                Add<Vector512<T>, Simd512<T>, TwelveRows>();
                Add<Vector512<T>, Simd512<T>, EightRows>();
                Add<Vector512<T>, Simd512<T>, FourRows>();
                break;
            case VectorWidth.Bits256:
                AddSixAndFour<Vector256<T>, Simd256<T>>();
                break;
            case VectorWidth.Bits128:
                AddSixAndFour<Vector128<T>, Simd128<T>>();
                break;
            default:
                AddSixAndFour<T, SimdScalar<T>>();
                break;
        }
    }

    /// <summary>The width of the vectors.</summary>
    public VectorWidth Vectors { get; }

    /// <summary>The rows of the largest tile.</summary>
    public int Height { get; private set; }

    /// <summary>The columns of one vector.</summary>
    public int Lanes { get; private set; }

    /// <summary>The columns of a tile and of a panel.</summary>
    public int Width => 2 * Lanes;

    /// <summary>The number of panels of <see cref="Width"/> columns that hold a number of columns.</summary>
    public int Panels(int columns) => (columns + Width - 1) / Width;

    /// <summary>The columns that a panel has in memory: those of two vectors, or of one where that holds all.</summary>
    /// <param name="columns">The columns that exist from the panel's first on.</param>
    public int PanelWidth(int columns) => columns > Lanes ? Width : Lanes;

    /// <summary>How rows are cut into tiles.</summary>
    public TileRows Cut(int rows) => TileRows.Of(rows, Height);

    /// <summary>The Rows kernel for a tile.</summary>
    /// <param name="height">Its rows, as cut by <see cref="Cut"/>.</param>
    /// <param name="columns">Its columns that exist; see <see cref="PanelWidth"/>.</param>
    public delegate*<int, int, T**, nint*, T*, nint*, T*, T**, nint, bool, void> Rows(int height, int columns) => _rows[height + (columns > Lanes ? 1 : 0)];

    /// <summary>The Outer kernel for a tile.</summary>
    /// <param name="height">Its rows, as cut by <see cref="Cut"/>.</param>
    /// <param name="columns">Its columns that exist; see <see cref="PanelWidth"/>.</param>
    public delegate*<int, int*, nint, nint, T*, nint, T*, T*, T*, nint, bool, void> Outer(int height, int columns) => _outer[height + (columns > Lanes ? 1 : 0)];

    private void AddSixAndFour<TVector, TSimd>()
        where TVector : struct
        where TSimd : struct, ISimd<T, TVector>
    {
        Height = 6;
        Lanes = TSimd.Lanes;
        Add<TVector, TSimd, SixRows>();
        Add<TVector, TSimd, FourRows>();
    }

    private void Add<TVector, TSimd, TRows>()
        where TVector : struct
        where TSimd : struct, ISimd<T, TVector>
        where TRows : struct, ITileRows
    {
        _rows[TRows.Count] = &RowsKernel<T, TVector, TSimd, TRows, OneVector>.Run;
        _rows[TRows.Count + 1] = &RowsKernel<T, TVector, TSimd, TRows, TwoVectors>.Run;
        _outer[TRows.Count] = &OuterKernel<T, TVector, TSimd, TRows, OneVector>.Run;
        _outer[TRows.Count + 1] = &OuterKernel<T, TVector, TSimd, TRows, TwoVectors>.Run;
    }
}
