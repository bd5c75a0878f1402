using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>Copies of operands in the order in which micro-kernels read them; what lies beyond a matrix's edge becomes zero.</summary>
internal static unsafe class Packing
{
    /// <summary>panel[k * Width + c] = source[k * stride + c]: a panel of columns.</summary>
    /// <param name="source">The first column of the first row.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="rows">Rows to copy.</param>
    /// <param name="columns">1 … Width columns that exist.</param>
    /// <param name="panel">rows * Width elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns<T>(T* source, nint stride, int rows, int columns, T* panel) where T : unmanaged
    {
        int width = MicroKernels<T>.Width;
        if (columns == width)
        {
            for (int k = 0; k < rows; k++)
            {
                Vector256<T> low = Vector256.Load(source), high = Vector256.Load(source + Vector256<T>.Count);
                low.Store(panel);
                high.Store(panel + Vector256<T>.Count);
                source += stride;
                panel += width;
            }

            return;
        }

        for (int k = 0; k < rows; k++)
        {
            for (int c = 0; c < width; c++)
            {
                panel[c] = c < columns ? source[c] : default;
            }

            source += stride;
            panel += width;
        }
    }

    /// <summary>panel[k * Width + c] = source[c * stride + k]: a panel of columns of the transposed matrix.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between the columns of the result.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">1 … Width columns that exist.</param>
    /// <param name="panel">rows * Width elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposedColumns<T>(T* source, nint stride, int rows, int columns, T* panel) where T : unmanaged
    {
        int width = MicroKernels<T>.Width;
        int k = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported && columns == width)
        {
            for (; k + 8 <= rows; k += 8)
            {
                Transpose8x8((float*)source + k, stride, (float*)panel + (k * width), width);
                Transpose8x8((float*)source + (8 * stride) + k, stride, (float*)panel + (k * width) + 8, width);
            }
        }

        for (; k < rows; k++)
        {
            for (int c = 0; c < width; c++)
            {
                panel[(k * width) + c] = c < columns ? source[(c * stride) + k] : default;
            }
        }
    }

    /// <summary>strip[k * height + r] = source[k * stride + r]: the left operand where rows of a tile are neighbours in memory.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between steps of k.</param>
    /// <param name="depth">Steps of k.</param>
    /// <param name="rows">1 … height rows that exist.</param>
    /// <param name="height">Rows of the tile, 6 or 4.</param>
    /// <param name="strip">depth * height elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<T>(T* source, nint stride, int depth, int rows, int height, T* strip) where T : unmanaged
    {
        if (rows == height)
        {
            int bytes = height * sizeof(T);
            for (int k = 0; k < depth; k++)
            {
                Copy16((byte*)source, (byte*)strip, bytes);
                source += stride;
                strip += height;
            }

            return;
        }

        for (int k = 0; k < depth; k++)
        {
            for (int r = 0; r < height; r++)
            {
                strip[r] = r < rows ? source[r] : default;
            }

            source += stride;
            strip += height;
        }
    }

    /// <summary>strip[k * height + r] = source[r * stride + k]: the left operand where rows of a tile are rows in memory.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="depth">Steps of k.</param>
    /// <param name="rows">1 … height rows that exist.</param>
    /// <param name="height">Rows of the tile, 6 or 4.</param>
    /// <param name="strip">depth * height elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposedStrip<T>(T* source, nint stride, int depth, int rows, int height, T* strip) where T : unmanaged
    {
        int k = 0;
        if (typeof(T) == typeof(float) && Sse.IsSupported && rows == 6 && height == 6)
        {
            for (; k + 4 <= depth; k += 4)
            {
                Transpose6x4((float*)source + k, stride, (float*)strip + (k * 6));
            }
        }

        for (; k < depth; k++)
        {
            for (int r = 0; r < height; r++)
            {
                strip[(k * height) + r] = r < rows ? source[(r * stride) + k] : default;
            }
        }
    }

    /// <summary>target[j * targetStride + i] = source[i * sourceStride + j] for 8 by 8 floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8x8(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector256<float> r0 = Avx.LoadVector256(source), r1 = Avx.LoadVector256(source + sourceStride);
        Vector256<float> r2 = Avx.LoadVector256(source + (2 * sourceStride)), r3 = Avx.LoadVector256(source + (3 * sourceStride));
        Vector256<float> r4 = Avx.LoadVector256(source + (4 * sourceStride)), r5 = Avx.LoadVector256(source + (5 * sourceStride));
        Vector256<float> r6 = Avx.LoadVector256(source + (6 * sourceStride)), r7 = Avx.LoadVector256(source + (7 * sourceStride));
        Vector256<float> t0 = Avx.UnpackLow(r0, r1), t1 = Avx.UnpackHigh(r0, r1), t2 = Avx.UnpackLow(r2, r3), t3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> t4 = Avx.UnpackLow(r4, r5), t5 = Avx.UnpackHigh(r4, r5), t6 = Avx.UnpackLow(r6, r7), t7 = Avx.UnpackHigh(r6, r7);
        r0 = Avx.Shuffle(t0, t2, 0x44);
        r1 = Avx.Shuffle(t0, t2, 0xEE);
        r2 = Avx.Shuffle(t1, t3, 0x44);
        r3 = Avx.Shuffle(t1, t3, 0xEE);
        r4 = Avx.Shuffle(t4, t6, 0x44);
        r5 = Avx.Shuffle(t4, t6, 0xEE);
        r6 = Avx.Shuffle(t5, t7, 0x44);
        r7 = Avx.Shuffle(t5, t7, 0xEE);
        Avx.Store(target, Avx.Permute2x128(r0, r4, 0x20));
        Avx.Store(target + targetStride, Avx.Permute2x128(r1, r5, 0x20));
        Avx.Store(target + (2 * targetStride), Avx.Permute2x128(r2, r6, 0x20));
        Avx.Store(target + (3 * targetStride), Avx.Permute2x128(r3, r7, 0x20));
        Avx.Store(target + (4 * targetStride), Avx.Permute2x128(r0, r4, 0x31));
        Avx.Store(target + (5 * targetStride), Avx.Permute2x128(r1, r5, 0x31));
        Avx.Store(target + (6 * targetStride), Avx.Permute2x128(r2, r6, 0x31));
        Avx.Store(target + (7 * targetStride), Avx.Permute2x128(r3, r7, 0x31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose6x4(float* source, nint stride, float* strip)
    {
        Vector128<float> r0 = Sse.LoadVector128(source), r1 = Sse.LoadVector128(source + stride), r2 = Sse.LoadVector128(source + (2 * stride));
        Vector128<float> r3 = Sse.LoadVector128(source + (3 * stride)), r4 = Sse.LoadVector128(source + (4 * stride)), r5 = Sse.LoadVector128(source + (5 * stride));
        Vector128<float> t0 = Sse.UnpackLow(r0, r1), t1 = Sse.UnpackLow(r2, r3), t2 = Sse.UnpackLow(r4, r5);
        Vector128<float> t3 = Sse.UnpackHigh(r0, r1), t4 = Sse.UnpackHigh(r2, r3), t5 = Sse.UnpackHigh(r4, r5);
        Sse.StoreLow(strip, t0);
        Sse.StoreLow(strip + 2, t1);
        Sse.StoreLow(strip + 4, t2);
        Sse.StoreHigh(strip + 6, t0);
        Sse.StoreHigh(strip + 8, t1);
        Sse.StoreHigh(strip + 10, t2);
        Sse.StoreLow(strip + 12, t3);
        Sse.StoreLow(strip + 14, t4);
        Sse.StoreLow(strip + 16, t5);
        Sse.StoreHigh(strip + 18, t3);
        Sse.StoreHigh(strip + 20, t4);
        Sse.StoreHigh(strip + 22, t5);
    }

    // Sizes are 16, 24, 32 or 48 bytes: rows of four or six floats or doubles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy16(byte* source, byte* target, int bytes)
    {
        Vector128.Load(source).Store(target);
        if (bytes >= 32)
        {
            Vector128.Load(source + 16).Store(target + 16);
        }

        if (bytes == 48)
        {
            Vector128.Load(source + 32).Store(target + 32);
        }
        else if (bytes == 24)
        {
            *(long*)(target + 16) = *(long*)(source + 16);
        }
    }
}
