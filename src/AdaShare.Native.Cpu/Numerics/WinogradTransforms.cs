using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>
/// The transforms of Winograd's minimal convolution F(4x4, 3x3), on vectors of channels: 36 products make 16 outputs instead of 144. See <see cref="WinogradKernels"/> for the operands.
/// </summary>
/// <remarks>
/// A. Lavin, S. Gray: "Fast algorithms for convolutional neural networks" (CVPR 2016). With input tile d (6x6), filter g (3x3) and output tile y (4x4):
/// V = B^T d B, U = G g G^T, y = A^T (U * V) A, element by element in the middle. For gradients: dV comes from the same with flipped filters,
/// dM = A dy A^T, dg = G^T (sum over tiles of V * dM) G. Transformed tiles are kept as 36 planes, element (i, j) in plane 6i + j.
/// </remarks>
internal static unsafe class WinogradTransforms<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<float, TVector>
{
    private static int Lanes => TSimd.Lanes;

    /// <summary>V = B^T d B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float** pixels, int channels, float* target, nint plane, float* temp)
    {
        for (nint c = 0; c < channels; c += Lanes)
        {
            for (nint j = 0; j < 6; j++)
            {
                Input(
                    TSimd.Load(pixels[j] + c), TSimd.Load(pixels[6 + j] + c), TSimd.Load(pixels[12 + j] + c),
                    TSimd.Load(pixels[18 + j] + c), TSimd.Load(pixels[24 + j] + c), TSimd.Load(pixels[30 + j] + c), temp + (j * Lanes), 6 * Lanes);
            }

            for (nint i = 0; i < 6; i++)
            {
                float* row = temp + (i * 6 * Lanes);
                float* ahead = target + c + (i * 6 * plane) + WinogradKernels.Chunk;
                Fetch.Near(ahead);
                Fetch.Near(ahead + plane);
                Fetch.Near(ahead + (2 * plane));
                Fetch.Near(ahead + (3 * plane));
                Fetch.Near(ahead + (4 * plane));
                Fetch.Near(ahead + (5 * plane));
                Input(
                    TSimd.Load(row), TSimd.Load(row + Lanes), TSimd.Load(row + (2 * Lanes)),
                    TSimd.Load(row + (3 * Lanes)), TSimd.Load(row + (4 * Lanes)), TSimd.Load(row + (5 * Lanes)), target + c + (i * 6 * plane), plane);
            }
        }
    }

    /// <summary>y (+)= A^T m A + initial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* planes, nint plane, int columns, float* initial, float** pixels, float* temp, bool accumulate)
    {
        for (nint c = 0; c < columns; c += Lanes)
        {
            for (nint j = 0; j < 6; j++)
            {
                float* m = planes + (j * plane) + c;
                nint row = 6 * plane;
                Output(
                    TSimd.Load(m), TSimd.Load(m + row), TSimd.Load(m + (2 * row)), TSimd.Load(m + (3 * row)), TSimd.Load(m + (4 * row)), TSimd.Load(m + (5 * row)),
                    out TVector y0, out TVector y1, out TVector y2, out TVector y3);
                TSimd.Store(temp + (j * Lanes), y0);
                TSimd.Store(temp + ((6 + j) * Lanes), y1);
                TSimd.Store(temp + ((12 + j) * Lanes), y2);
                TSimd.Store(temp + ((18 + j) * Lanes), y3);
            }

            TVector add = TSimd.Load(initial + c);
            for (nint i = 0; i < 4; i++)
            {
                float* t = temp + (i * 6 * Lanes);
                Output(
                    TSimd.Load(t), TSimd.Load(t + Lanes), TSimd.Load(t + (2 * Lanes)), TSimd.Load(t + (3 * Lanes)), TSimd.Load(t + (4 * Lanes)), TSimd.Load(t + (5 * Lanes)),
                    out TVector y0, out TVector y1, out TVector y2, out TVector y3);
                StorePixel(pixels[i * 4], c, TSimd.Add(y0, add), accumulate);
                StorePixel(pixels[(i * 4) + 1], c, TSimd.Add(y1, add), accumulate);
                StorePixel(pixels[(i * 4) + 2], c, TSimd.Add(y2, add), accumulate);
                StorePixel(pixels[(i * 4) + 3], c, TSimd.Add(y3, add), accumulate);
            }
        }
    }

    /// <summary>dM = A dy A^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(float** pixels, int columns, float* target, nint plane, float* temp)
    {
        for (nint c = 0; c < columns; c += Lanes)
        {
            for (nint j = 0; j < 4; j++)
            {
                Gradient(TSimd.Load(pixels[j] + c), TSimd.Load(pixels[4 + j] + c), TSimd.Load(pixels[8 + j] + c), TSimd.Load(pixels[12 + j] + c), temp + (j * Lanes), 4 * Lanes);
            }

            for (nint i = 0; i < 6; i++)
            {
                float* row = temp + (i * 4 * Lanes);
                Gradient(TSimd.Load(row), TSimd.Load(row + Lanes), TSimd.Load(row + (2 * Lanes)), TSimd.Load(row + (3 * Lanes)), target + c + (i * 6 * plane), plane);
            }
        }
    }

    /// <summary>U = G g G^T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filter(float* filter, nint channel, nint tap, int channels, int columns, float* target, nint plane)
    {
        for (int k = 0; k < channels; k++)
        {
            for (nint c = 0; c < columns; c += Lanes)
            {
                float* g = filter + c;
                FetchTaps(g + (8 * channel), tap);
                Filter(TSimd.Load(g), TSimd.Load(g + (3 * tap)), TSimd.Load(g + (6 * tap)), out TVector a0, out TVector a1, out TVector a2, out TVector a3, out TVector a4, out TVector a5);
                g += tap;
                Filter(TSimd.Load(g), TSimd.Load(g + (3 * tap)), TSimd.Load(g + (6 * tap)), out TVector b0, out TVector b1, out TVector b2, out TVector b3, out TVector b4, out TVector b5);
                g += tap;
                Filter(TSimd.Load(g), TSimd.Load(g + (3 * tap)), TSimd.Load(g + (6 * tap)), out TVector c0, out TVector c1, out TVector c2, out TVector c3, out TVector c4, out TVector c5);
                float* row = target + c;
                Filter(a0, b0, c0, row, plane);
                Filter(a1, b1, c1, row + (6 * plane), plane);
                Filter(a2, b2, c2, row + (12 * plane), plane);
                Filter(a3, b3, c3, row + (18 * plane), plane);
                Filter(a4, b4, c4, row + (24 * plane), plane);
                Filter(a5, b5, c5, row + (30 * plane), plane);
            }

            filter += channel;
            target += 2 * Lanes;
        }
    }

    /// <summary>dg (+)= G^T dU G.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FilterGradient(float* planes, nint plane, int channels, int columns, float* target, nint channel, nint tap, float* temp, bool accumulate, bool stream)
    {
        for (int k = 0; k < channels; k++)
        {
            for (nint c = 0; c < columns; c += Lanes)
            {
                for (nint j = 0; j < 6; j++)
                {
                    float* u = planes + (j * plane) + c;
                    nint row = 6 * plane;
                    FilterGradient(
                        TSimd.Load(u), TSimd.Load(u + row), TSimd.Load(u + (2 * row)), TSimd.Load(u + (3 * row)), TSimd.Load(u + (4 * row)), TSimd.Load(u + (5 * row)),
                        out TVector g0, out TVector g1, out TVector g2);
                    TSimd.Store(temp + (j * Lanes), g0);
                    TSimd.Store(temp + ((6 + j) * Lanes), g1);
                    TSimd.Store(temp + ((12 + j) * Lanes), g2);
                }

                for (nint i = 0; i < 3; i++)
                {
                    float* t = temp + (i * 6 * Lanes);
                    FilterGradient(
                        TSimd.Load(t), TSimd.Load(t + Lanes), TSimd.Load(t + (2 * Lanes)), TSimd.Load(t + (3 * Lanes)), TSimd.Load(t + (4 * Lanes)), TSimd.Load(t + (5 * Lanes)),
                        out TVector g0, out TVector g1, out TVector g2);
                    float* row = target + (i * 3 * tap);
                    if (stream)
                    {
                        TSimd.Stream(row + c, g0);
                        TSimd.Stream(row + tap + c, g1);
                        TSimd.Stream(row + (2 * tap) + c, g2);
                        continue;
                    }

                    StorePixel(row, c, g0, accumulate);
                    StorePixel(row + tap, c, g1, accumulate);
                    StorePixel(row + (2 * tap), c, g2, accumulate);
                }
            }

            planes += 2 * Lanes;
            target += channel;
        }
    }

    // B^T: (4 0 -5 0 1 0), (0 -4 -4 1 1 0), (0 4 -4 -1 1 0), (0 -2 -1 2 1 0), (0 2 -1 -2 1 0), (0 4 0 -5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Input(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* target, nint stride)
    {
        TVector four = TSimd.Broadcast(4), minusFour = TSimd.Broadcast(-4), minusFive = TSimd.Broadcast(-5), two = TSimd.Broadcast(2);
        TVector even = TSimd.MultiplyAdd(minusFour, d2, d4), odd = TSimd.MultiplyAdd(minusFour, d1, d3);
        TVector difference = TSimd.Subtract(d4, d2), half = TSimd.Subtract(d3, d1);
        TSimd.Store(target, TSimd.MultiplyAdd(four, d0, TSimd.MultiplyAdd(minusFive, d2, d4)));
        TSimd.Store(target + stride, TSimd.Add(even, odd));
        TSimd.Store(target + (2 * stride), TSimd.Subtract(even, odd));
        TSimd.Store(target + (3 * stride), TSimd.MultiplyAdd(two, half, difference));
        TSimd.Store(target + (4 * stride), TSimd.MultiplyAdd(TSimd.Broadcast(-2), half, difference));
        TSimd.Store(target + (5 * stride), TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5)));
    }

    // A^T: (1 1 1 1 1 0), (0 1 -1 2 -2 0), (0 1 1 4 4 0), (0 1 -1 8 -8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output(
        TVector m0, TVector m1, TVector m2, TVector m3, TVector m4, TVector m5, out TVector y0, out TVector y1, out TVector y2, out TVector y3)
    {
        TVector sum = TSimd.Add(m1, m2), difference = TSimd.Subtract(m1, m2), farSum = TSimd.Add(m3, m4), farDifference = TSimd.Subtract(m3, m4);
        y0 = TSimd.Add(TSimd.Add(m0, sum), farSum);
        y1 = TSimd.MultiplyAdd(TSimd.Broadcast(2), farDifference, difference);
        y2 = TSimd.MultiplyAdd(TSimd.Broadcast(4), farSum, sum);
        y3 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(8), farDifference, difference), m5);
    }

    // A, the transpose of the above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradient(TVector d0, TVector d1, TVector d2, TVector d3, float* target, nint stride)
    {
        TVector even = TSimd.Add(d0, d2), odd = TSimd.Add(d1, d3);
        TVector farEven = TSimd.MultiplyAdd(TSimd.Broadcast(4), d2, d0), farOdd = TSimd.MultiplyAdd(TSimd.Broadcast(8), d3, TSimd.Add(d1, d1));
        TSimd.Store(target, d0);
        TSimd.Store(target + stride, TSimd.Add(even, odd));
        TSimd.Store(target + (2 * stride), TSimd.Subtract(even, odd));
        TSimd.Store(target + (3 * stride), TSimd.Add(farEven, farOdd));
        TSimd.Store(target + (4 * stride), TSimd.Subtract(farEven, farOdd));
        TSimd.Store(target + (5 * stride), d3);
    }

    // G: (1/4 0 0), -(1 1 1)/6, (-1 1 -1)/6, (1 2 4)/24, (1 -2 4)/24, (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filter(TVector g0, TVector g1, TVector g2, float* target, nint stride)
    {
        Filter(g0, g1, g2, out TVector u0, out TVector u1, out TVector u2, out TVector u3, out TVector u4, out TVector u5);
        TSimd.Store(target, u0);
        TSimd.Store(target + stride, u1);
        TSimd.Store(target + (2 * stride), u2);
        TSimd.Store(target + (3 * stride), u3);
        TSimd.Store(target + (4 * stride), u4);
        TSimd.Store(target + (5 * stride), u5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filter(
        TVector g0, TVector g1, TVector g2, out TVector u0, out TVector u1, out TVector u2, out TVector u3, out TVector u4, out TVector u5)
    {
        TVector minusSixth = TSimd.Broadcast(-1f / 6);
        TVector even = TSimd.Multiply(TSimd.Add(g0, g2), minusSixth), odd = TSimd.Multiply(g1, minusSixth);
        TVector farEven = TSimd.MultiplyAdd(g2, TSimd.Broadcast(1f / 6), TSimd.Multiply(g0, TSimd.Broadcast(1f / 24))), farOdd = TSimd.Multiply(g1, TSimd.Broadcast(1f / 12));
        u0 = TSimd.Multiply(g0, TSimd.Broadcast(0.25f));
        u1 = TSimd.Add(even, odd);
        u2 = TSimd.Subtract(even, odd);
        u3 = TSimd.Add(farEven, farOdd);
        u4 = TSimd.Subtract(farEven, farOdd);
        u5 = g2;
    }

    // G^T, the transpose of the above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FilterGradient(TVector u0, TVector u1, TVector u2, TVector u3, TVector u4, TVector u5, out TVector g0, out TVector g1, out TVector g2)
    {
        TVector minusSixth = TSimd.Broadcast(-1f / 6), near = TSimd.Multiply(TSimd.Add(u1, u2), minusSixth), far = TSimd.Add(u3, u4);
        g0 = TSimd.MultiplyAdd(u0, TSimd.Broadcast(0.25f), TSimd.MultiplyAdd(far, TSimd.Broadcast(1f / 24), near));
        g1 = TSimd.MultiplyAdd(TSimd.Subtract(u1, u2), minusSixth, TSimd.Multiply(TSimd.Subtract(u3, u4), TSimd.Broadcast(1f / 12)));
        g2 = TSimd.Add(TSimd.MultiplyAdd(far, TSimd.Broadcast(1f / 6), near), u5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchTaps(float* tap0, nint tap)
    {
        Fetch.Near(tap0);
        Fetch.Near(tap0 + tap);
        Fetch.Near(tap0 + (2 * tap));
        Fetch.Near(tap0 + (3 * tap));
        Fetch.Near(tap0 + (4 * tap));
        Fetch.Near(tap0 + (5 * tap));
        Fetch.Near(tap0 + (6 * tap));
        Fetch.Near(tap0 + (7 * tap));
        Fetch.Near(tap0 + (8 * tap));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixel(float* pixel, nint channel, TVector value, bool accumulate)
    {
        if (pixel != null)
        {
            TSimd.Store(pixel + channel, accumulate ? TSimd.Add(value, TSimd.Load(pixel + channel)) : value);
        }
    }
}
