using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>
/// The transforms of Winograd's minimal convolution F(4x4, 3x3), on vectors of eight channels: 36 products make 16 outputs instead of 144.
/// </summary>
/// <remarks>
/// A. Lavin, S. Gray: "Fast algorithms for convolutional neural networks" (CVPR 2016). With input tile d (6x6), filter g (3x3) and output tile y (4x4):
/// V = B^T d B, U = G g G^T, y = A^T (U * V) A, element by element in the middle. For gradients: dV comes from the same with flipped filters,
/// dM = A dy A^T, dg = G^T (sum over tiles of V * dM) G. Transformed tiles are kept as 36 planes, element (i, j) in plane 6i + j.
/// Needs FMA: see <see cref="IsSupported"/>.
/// </remarks>
internal static unsafe class WinogradTransforms
{
    /// <summary>Planes of a transformed tile.</summary>
    public const int Planes = 36;

    /// <summary>Floats of scratch memory that a transform uses.</summary>
    public const int TempLength = 36 * Lanes;

    /// <summary>The channels that <see cref="Zeros"/> covers.</summary>
    public const int ZeroChannels = 64;

    /// <summary>A pixel of zeros, for what lies outside the image.</summary>
    public static readonly nint Zeros = (nint)NativeMemory.AllocZeroed(ZeroChannels * sizeof(float));

    private const int Lanes = 8;

    /// <summary>Whether the processor has the instructions.</summary>
    public static bool IsSupported => Fma.IsSupported;

    /// <summary>V = B^T d B.</summary>
    /// <param name="pixels">36 pixels of the input tile, row by row.</param>
    /// <param name="channels">A multiple of 8.</param>
    /// <param name="target">Plane 0.</param>
    /// <param name="plane">Elements between planes.</param>
    /// <param name="temp"><see cref="TempLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float** pixels, int channels, float* target, nint plane, float* temp)
    {
        for (nint c = 0; c < channels; c += Lanes)
        {
            for (nint j = 0; j < 6; j++)
            {
                Input(
                    Load(pixels[j] + c), Load(pixels[6 + j] + c), Load(pixels[12 + j] + c), Load(pixels[18 + j] + c), Load(pixels[24 + j] + c), Load(pixels[30 + j] + c), temp + (j * Lanes), 6 * Lanes);
            }

            for (nint i = 0; i < 6; i++)
            {
                float* row = temp + (i * 6 * Lanes);
                Input(Load(row), Load(row + 8), Load(row + 16), Load(row + 24), Load(row + 32), Load(row + 40), target + c + (i * 6 * plane), plane);
            }
        }
    }

    /// <summary>y (+)= A^T m A + initial, for 16 channels.</summary>
    /// <param name="planes">Plane 0 of m.</param>
    /// <param name="plane">Elements between planes.</param>
    /// <param name="initial">16 numbers.</param>
    /// <param name="pixels">16 pixels of the output tile, row by row; null outside the image.</param>
    /// <param name="temp"><see cref="TempLength"/> floats.</param>
    /// <param name="accumulate">Whether to add to the pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* planes, nint plane, float* initial, float** pixels, float* temp, bool accumulate)
    {
        for (nint c = 0; c < 16; c += Lanes)
        {
            for (nint j = 0; j < 6; j++)
            {
                float* m = planes + (j * plane) + c;
                nint row = 6 * plane;
                Output(Load(m), Load(m + row), Load(m + (2 * row)), Load(m + (3 * row)), Load(m + (4 * row)), Load(m + (5 * row)), out Vector256<float> y0, out Vector256<float> y1, out Vector256<float> y2, out Vector256<float> y3);
                y0.Store(temp + (j * Lanes));
                y1.Store(temp + ((6 + j) * Lanes));
                y2.Store(temp + ((12 + j) * Lanes));
                y3.Store(temp + ((18 + j) * Lanes));
            }

            Vector256<float> add = Load(initial + c);
            for (nint i = 0; i < 4; i++)
            {
                float* t = temp + (i * 6 * Lanes);
                Output(Load(t), Load(t + 8), Load(t + 16), Load(t + 24), Load(t + 32), Load(t + 40), out Vector256<float> y0, out Vector256<float> y1, out Vector256<float> y2, out Vector256<float> y3);
                StorePixel(pixels[i * 4], c, y0 + add, accumulate);
                StorePixel(pixels[(i * 4) + 1], c, y1 + add, accumulate);
                StorePixel(pixels[(i * 4) + 2], c, y2 + add, accumulate);
                StorePixel(pixels[(i * 4) + 3], c, y3 + add, accumulate);
            }
        }
    }

    /// <summary>dM = A dy A^T, for 16 channels.</summary>
    /// <param name="pixels">16 pixels of the output tile's gradient, row by row.</param>
    /// <param name="target">Plane 0.</param>
    /// <param name="plane">Elements between planes.</param>
    /// <param name="temp"><see cref="TempLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(float** pixels, float* target, nint plane, float* temp)
    {
        for (nint c = 0; c < 16; c += Lanes)
        {
            for (nint j = 0; j < 4; j++)
            {
                Gradient(Load(pixels[j] + c), Load(pixels[4 + j] + c), Load(pixels[8 + j] + c), Load(pixels[12 + j] + c), temp + (j * Lanes), 4 * Lanes);
            }

            for (nint i = 0; i < 6; i++)
            {
                float* row = temp + (i * 4 * Lanes);
                Gradient(Load(row), Load(row + 8), Load(row + 16), Load(row + 24), target + c + (i * 6 * plane), plane);
            }
        }
    }

    /// <summary>U = G g G^T, for 16 output channels of one input channel.</summary>
    /// <param name="filter">Tap 0.</param>
    /// <param name="tap">Elements between taps.</param>
    /// <param name="target">Plane 0.</param>
    /// <param name="plane">Elements between planes.</param>
    /// <param name="temp"><see cref="TempLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filter(float* filter, nint tap, float* target, nint plane, float* temp)
    {
        for (nint c = 0; c < 16; c += Lanes)
        {
            for (nint j = 0; j < 3; j++)
            {
                float* g = filter + (j * tap) + c;
                Filter(Load(g), Load(g + (3 * tap)), Load(g + (6 * tap)), temp + (j * Lanes), 3 * Lanes);
            }

            for (nint i = 0; i < 6; i++)
            {
                float* row = temp + (i * 3 * Lanes);
                Filter(Load(row), Load(row + 8), Load(row + 16), target + c + (i * 6 * plane), plane);
            }
        }
    }

    /// <summary>dg (+)= G^T dU G, for 16 output channels of one input channel.</summary>
    /// <param name="planes">Plane 0.</param>
    /// <param name="plane">Elements between planes.</param>
    /// <param name="target">Tap 0.</param>
    /// <param name="tap">Elements between taps.</param>
    /// <param name="temp"><see cref="TempLength"/> floats.</param>
    /// <param name="accumulate">Whether to add to the target.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FilterGradient(float* planes, nint plane, float* target, nint tap, float* temp, bool accumulate)
    {
        for (nint c = 0; c < 16; c += Lanes)
        {
            for (nint j = 0; j < 6; j++)
            {
                float* u = planes + (j * plane) + c;
                nint row = 6 * plane;
                FilterGradient(Load(u), Load(u + row), Load(u + (2 * row)), Load(u + (3 * row)), Load(u + (4 * row)), Load(u + (5 * row)), out Vector256<float> g0, out Vector256<float> g1, out Vector256<float> g2);
                g0.Store(temp + (j * Lanes));
                g1.Store(temp + ((6 + j) * Lanes));
                g2.Store(temp + ((12 + j) * Lanes));
            }

            for (nint i = 0; i < 3; i++)
            {
                float* t = temp + (i * 6 * Lanes);
                FilterGradient(Load(t), Load(t + 8), Load(t + 16), Load(t + 24), Load(t + 32), Load(t + 40), out Vector256<float> g0, out Vector256<float> g1, out Vector256<float> g2);
                float* row = target + (i * 3 * tap);
                StorePixel(row, c, g0, accumulate);
                StorePixel(row + tap, c, g1, accumulate);
                StorePixel(row + (2 * tap), c, g2, accumulate);
            }
        }
    }

    // B^T: (4 0 -5 0 1 0), (0 -4 -4 1 1 0), (0 4 -4 -1 1 0), (0 -2 -1 2 1 0), (0 2 -1 -2 1 0), (0 4 0 -5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Input(Vector256<float> d0, Vector256<float> d1, Vector256<float> d2, Vector256<float> d3, Vector256<float> d4, Vector256<float> d5, float* target, nint stride)
    {
        Vector256<float> four = Vector256.Create(4f), five = Vector256.Create(5f);
        Vector256<float> even = Fma.MultiplyAddNegated(four, d2, d4), odd = Fma.MultiplyAddNegated(four, d1, d3);
        Vector256<float> difference = d4 - d2, doubled = (d3 - d1) * Vector256.Create(2f);
        Fma.MultiplyAdd(four, d0, Fma.MultiplyAddNegated(five, d2, d4)).Store(target);
        (even + odd).Store(target + stride);
        (even - odd).Store(target + (2 * stride));
        (difference + doubled).Store(target + (3 * stride));
        (difference - doubled).Store(target + (4 * stride));
        Fma.MultiplyAdd(four, d1, Fma.MultiplyAddNegated(five, d3, d5)).Store(target + (5 * stride));
    }

    // A^T: (1 1 1 1 1 0), (0 1 -1 2 -2 0), (0 1 1 4 4 0), (0 1 -1 8 -8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output(
        Vector256<float> m0, Vector256<float> m1, Vector256<float> m2, Vector256<float> m3, Vector256<float> m4, Vector256<float> m5,
        out Vector256<float> y0, out Vector256<float> y1, out Vector256<float> y2, out Vector256<float> y3)
    {
        Vector256<float> sum = m1 + m2, difference = m1 - m2, farSum = m3 + m4, farDifference = m3 - m4;
        y0 = m0 + sum + farSum;
        y1 = Fma.MultiplyAdd(Vector256.Create(2f), farDifference, difference);
        y2 = Fma.MultiplyAdd(Vector256.Create(4f), farSum, sum);
        y3 = Fma.MultiplyAdd(Vector256.Create(8f), farDifference, difference) + m5;
    }

    // A, the transpose of the above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradient(Vector256<float> d0, Vector256<float> d1, Vector256<float> d2, Vector256<float> d3, float* target, nint stride)
    {
        Vector256<float> even = d0 + d2, odd = d1 + d3;
        Vector256<float> farEven = Fma.MultiplyAdd(Vector256.Create(4f), d2, d0), farOdd = Fma.MultiplyAdd(Vector256.Create(8f), d3, Vector256.Create(2f) * d1);
        d0.Store(target);
        (even + odd).Store(target + stride);
        (even - odd).Store(target + (2 * stride));
        (farEven + farOdd).Store(target + (3 * stride));
        (farEven - farOdd).Store(target + (4 * stride));
        d3.Store(target + (5 * stride));
    }

    // G: (1/4 0 0), -(1 1 1)/6, (-1 1 -1)/6, (1 2 4)/24, (1 -2 4)/24, (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filter(Vector256<float> g0, Vector256<float> g1, Vector256<float> g2, float* target, nint stride)
    {
        Vector256<float> minusSixth = Vector256.Create(-1f / 6);
        Vector256<float> even = (g0 + g2) * minusSixth, odd = g1 * minusSixth;
        Vector256<float> farEven = Fma.MultiplyAdd(g2, Vector256.Create(1f / 6), g0 * Vector256.Create(1f / 24)), farOdd = g1 * Vector256.Create(1f / 12);
        (g0 * Vector256.Create(0.25f)).Store(target);
        (even + odd).Store(target + stride);
        (even - odd).Store(target + (2 * stride));
        (farEven + farOdd).Store(target + (3 * stride));
        (farEven - farOdd).Store(target + (4 * stride));
        g2.Store(target + (5 * stride));
    }

    // G^T, the transpose of the above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FilterGradient(
        Vector256<float> u0, Vector256<float> u1, Vector256<float> u2, Vector256<float> u3, Vector256<float> u4, Vector256<float> u5,
        out Vector256<float> g0, out Vector256<float> g1, out Vector256<float> g2)
    {
        Vector256<float> minusSixth = Vector256.Create(-1f / 6), near = (u1 + u2) * minusSixth, far = u3 + u4;
        g0 = Fma.MultiplyAdd(u0, Vector256.Create(0.25f), Fma.MultiplyAdd(far, Vector256.Create(1f / 24), near));
        g1 = Fma.MultiplyAdd(u1 - u2, minusSixth, (u3 - u4) * Vector256.Create(1f / 12));
        g2 = Fma.MultiplyAdd(far, Vector256.Create(1f / 6), near) + u5;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixel(float* pixel, nint channel, Vector256<float> value, bool accumulate)
    {
        if (pixel != null)
        {
            (accumulate ? value + Load(pixel + channel) : value).Store(pixel + channel);
        }
    }
}
