using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>
/// The four innermost loops that matrix products and convolutions are made of, for one element type, in the best form that the processor offers.
/// </summary>
/// <remarks>
/// Each computes a tile of 6 or 4 rows by <see cref="Width"/> columns (two vectors of 256 bits) in registers: 12 accumulators, two columns and one broadcast fill
/// 15 of the 16 vector registers. They are leaf methods: a call inside the loop would make the JIT keep every accumulator on the stack.
/// Tiles are complete: rows and columns beyond a matrix's edge are computed into a scratch tile by the caller, see <see cref="TileStore"/>.
/// <para>
/// <c>Rows(taps, depth, sources, sourceOffsets, panel, panelOffsets, initial, targets, targetOffset, accumulate)</c>:
/// targets[r][targetOffset + c] (+)= initial[c] + sum over t and k of sources[r][sourceOffsets[t] + k] * panel[panelOffsets[t] + k * Width + c].
/// </para>
/// <para>
/// <c>Outer(runs, table, leftUnit, leftStep, left, rightUnit, right, initial, target, targetStride, accumulate)</c>:
/// target[r * targetStride + c] (+)= initial[c] + sum over runs (p, q, n) of the table and i below n of left[p * leftUnit + i * leftStep + r] * right[(q + i) * rightUnit + c].
/// </para>
/// </remarks>
internal readonly unsafe struct MicroKernels<T> where T : unmanaged
{
    /// <summary>64 bytes of zeros: an <c>initial</c> row that adds nothing.</summary>
    public static readonly nint Zeros = (nint)NativeMemory.AllocZeroed(64);

    /// <summary>Rows for tiles of six rows.</summary>
    public readonly delegate*<int, int, T**, nint*, T*, nint*, T*, T**, nint, bool, void> Rows6;

    /// <summary>Rows for tiles of four rows.</summary>
    public readonly delegate*<int, int, T**, nint*, T*, nint*, T*, T**, nint, bool, void> Rows4;

    /// <summary>Outer products for tiles of six rows.</summary>
    public readonly delegate*<int, int*, nint, nint, T*, nint, T*, T*, T*, nint, bool, void> Outer6;

    /// <summary>Outer products for tiles of four rows.</summary>
    public readonly delegate*<int, int*, nint, nint, T*, nint, T*, T*, T*, nint, bool, void> Outer4;

    private MicroKernels(bool fma)
    {
        Rows6 = fma ? &FmaMicroKernels<T>.Rows6 : &PortableMicroKernels<T>.Rows6;
        Rows4 = fma ? &FmaMicroKernels<T>.Rows4 : &PortableMicroKernels<T>.Rows4;
        Outer6 = fma ? &FmaMicroKernels<T>.Outer6 : &PortableMicroKernels<T>.Outer6;
        Outer4 = fma ? &FmaMicroKernels<T>.Outer4 : &PortableMicroKernels<T>.Outer4;
    }

    /// <summary>The columns of a tile: 16 for single, 8 for double precision.</summary>
    public static int Width => 64 / sizeof(T);

    /// <summary>The kernels to use.</summary>
    /// <param name="portable">Whether to leave processor-specific instructions out.</param>
    public static MicroKernels<T> Select(bool portable) => new(Fma.IsSupported && !portable);

    /// <summary>The number of panels of <see cref="Width"/> columns that hold a number of columns.</summary>
    public static int Panels(int columns) => (columns + Width - 1) / Width;
}
