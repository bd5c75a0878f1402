using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The transforms of Winograd's algorithm and the products between them, in vectors of one width.</summary>
/// <remarks>
/// Transformed tiles, filters and products lie as 36 planes. A plane of tiles has rows of <see cref="Chunk"/> channels, the planes of the next channels follow
/// after all 36; the other planes have rows of <see cref="Width"/> columns. A panel whose last columns do not exist has arbitrary numbers there.
/// </remarks>
internal readonly unsafe struct WinogradKernels
{
    /// <summary>Planes of a transformed tile.</summary>
    public const int Planes = 36;

    /// <summary>The channels that are transformed and multiplied together: with 32 columns their filters take 288 KiB of the second-level cache.</summary>
    public const int Chunk = 64;

    /// <summary>The most rows of a tile of the products.</summary>
    public const int MaxRows = 12;

    /// <summary>Channels and columns come in multiples of this.</summary>
    public const int Granularity = 16;

    /// <summary>Floats of scratch memory that a transform uses.</summary>
    public const int TempLength = Planes * 16;

    /// <summary>A chunk of zeros, for what lies outside the image.</summary>
    public static readonly nint Zeros = (nint)NativeMemory.AllocZeroed(Chunk * sizeof(float));

    /// <summary>V = B^T d B: (36 pixels of the input tile row by row, channels, plane 0 of the target, floats between planes, temp).</summary>
    public readonly delegate*<float**, int, float*, nint, float*, void> Input;

    /// <summary>y (+)= A^T m A + initial: (plane 0, floats between planes, columns, initial, 16 pixels of the output tile row by row with null outside the image, temp, accumulate).</summary>
    public readonly delegate*<float*, nint, int, float*, float**, float*, bool, void> Output;

    /// <summary>dM = A dy A^T: (16 pixels of the output tile's gradient, columns, plane 0 of the target, floats between planes, temp).</summary>
    public readonly delegate*<float**, int, float*, nint, float*, void> Gradient;

    /// <summary>U = G g G^T for some input channels: (tap 0, floats between channels, floats between taps, channels, columns, plane 0 of the target, floats between planes, temp).</summary>
    public readonly delegate*<float*, nint, nint, int, int, float*, nint, float*, void> Filter;

    /// <summary>dg (+)= G^T dU G for some input channels: (plane 0, floats between planes, channels, columns, tap 0 of the target, floats between channels, floats between taps, temp, accumulate).</summary>
    public readonly delegate*<float*, nint, int, int, float*, nint, nint, float*, bool, void> FilterGradient;

    /// <summary>Products summed over channels, see <see cref="WinogradProduct{TVector, TSimd, TOrder}.Run"/>.</summary>
    public readonly delegate*<int, int, float*, float*, float*, float*, bool, void> OverChannels;

    /// <summary>Products summed over tiles likewise.</summary>
    public readonly delegate*<int, int, float*, float*, float*, float*, bool, void> OverTiles;

    /// <summary>The columns of a panel.</summary>
    public readonly int Width;

    private WinogradKernels(
        int lanes,
        delegate*<float**, int, float*, nint, float*, void> input,
        delegate*<float*, nint, int, float*, float**, float*, bool, void> output,
        delegate*<float**, int, float*, nint, float*, void> gradient,
        delegate*<float*, nint, nint, int, int, float*, nint, float*, void> filter,
        delegate*<float*, nint, int, int, float*, nint, nint, float*, bool, void> filterGradient,
        delegate*<int, int, float*, float*, float*, float*, bool, void> overChannels,
        delegate*<int, int, float*, float*, float*, float*, bool, void> overTiles)
    {
        Width = 2 * lanes;
        Input = input;
        Output = output;
        Gradient = gradient;
        Filter = filter;
        FilterGradient = filterGradient;
        OverChannels = overChannels;
        OverTiles = overTiles;
    }

    /// <summary>The kernels for vectors of a number of bits: 512, 256, 128, or 32 for one float at a time.</summary>
    public static WinogradKernels Select(int bits) => bits switch
    {
        512 => Of<Vector512<float>, Simd512<float>>(),
        256 => Of<Vector256<float>, Simd256<float>>(),
        128 => Of<Vector128<float>, Simd128<float>>(),
        _ => Of<float, SimdScalar<float>>(),
    };

    private static WinogradKernels Of<TVector, TSimd>()
        where TVector : struct
        where TSimd : struct, ISimd<float, TVector> => new(
            TSimd.Lanes,
            &WinogradTransforms<TVector, TSimd>.Input,
            &WinogradTransforms<TVector, TSimd>.Output,
            &WinogradTransforms<TVector, TSimd>.Gradient,
            &WinogradTransforms<TVector, TSimd>.Filter,
            &WinogradTransforms<TVector, TSimd>.FilterGradient,
            &WinogradProduct<TVector, TSimd, OverChannels>.Run,
            &WinogradProduct<TVector, TSimd, OverTiles>.Run);
}
