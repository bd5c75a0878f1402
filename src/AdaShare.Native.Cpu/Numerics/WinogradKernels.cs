using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The transforms of Winograd's algorithm and the products between them, in vectors of one width.</summary>
/// <remarks>
/// Transformed tiles, filters and products lie as 36 planes. A plane of tiles has rows of <see cref="Chunk"/> channels, the planes of the next channels follow
/// after all 36; the other planes have rows of <see cref="Width"/> columns. A panel whose last columns do not exist has arbitrary numbers there.
/// </remarks>
internal sealed unsafe class WinogradKernels
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
    public delegate*<float**, int, float*, nint, float*, void> Input { get; private set; }

    /// <summary>y (+)= A^T m A + initial: (plane 0, floats between planes, columns, initial, 16 pixels of the output tile row by row with null outside the image, temp, accumulate).</summary>
    public delegate*<float*, nint, int, float*, float**, float*, bool, void> Output { get; private set; }

    /// <summary>dM = A dy A^T: (16 pixels of the output tile's gradient, columns, plane 0 of the target, floats between planes, temp).</summary>
    public delegate*<float**, int, float*, nint, float*, void> Gradient { get; private set; }

    /// <summary>U = G g G^T for some input channels: (tap 0, floats between channels, floats between taps, channels, columns, plane 0 of the target, floats between planes).</summary>
    public delegate*<float*, nint, nint, int, int, float*, nint, void> Filter { get; private set; }

    /// <summary>dg (+)= G^T dU G for some input channels: (plane 0, floats between planes, channels, columns, tap 0 of the target, floats between channels, floats between taps, temp, accumulate, stream).</summary>
    public delegate*<float*, nint, int, int, float*, nint, nint, float*, bool, bool, void> FilterGradient { get; private set; }

    /// <summary>Products summed over channels, see <see cref="WinogradProduct{TVector, TSimd, TOrder}.Run"/>.</summary>
    public delegate*<int, int, float*, float*, float*, float*, bool, void> OverChannels { get; private set; }

    /// <summary>Products summed over tiles likewise.</summary>
    public delegate*<int, int, float*, float*, float*, float*, bool, void> OverTiles { get; private set; }

    /// <summary>The columns of a panel.</summary>
    public int Width { get; private set; }

    /// <summary>The kernels of a width.</summary>
    /// <param name="vectors">One that the processor has.</param>
    public WinogradKernels(VectorWidth vectors)
    {
        switch (vectors)
        {
            case VectorWidth.Bits512:
                Set<Vector512<float>, Simd512<float>>();
                break;
            case VectorWidth.Bits256:
                Set<Vector256<float>, Simd256<float>>();
                break;
            case VectorWidth.Bits128:
                Set<Vector128<float>, Simd128<float>>();
                break;
            default:
                Set<float, SimdScalar<float>>();
                break;
        }
    }

    private void Set<TVector, TSimd>()
        where TVector : struct
        where TSimd : struct, ISimd<float, TVector>
    {
        Width = 2 * TSimd.Lanes;
        Input = &WinogradTransforms<TVector, TSimd>.Input;
        Output = &WinogradTransforms<TVector, TSimd>.Output;
        Gradient = &WinogradTransforms<TVector, TSimd>.Gradient;
        Filter = &WinogradTransforms<TVector, TSimd>.Filter;
        FilterGradient = &WinogradTransforms<TVector, TSimd>.FilterGradient;
        OverChannels = &WinogradProduct<TVector, TSimd, OverChannels>.Run;
        OverTiles = &WinogradProduct<TVector, TSimd, OverTiles>.Run;
    }
}
