using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>Copies of operands in the order in which micro-kernels read them; what lies beyond a matrix's edge becomes zero.</summary>
internal static unsafe class Packing
{
    // Each row of a filter with many channels is a page of its own, which the processor does not fetch ahead by itself.
    private const int PrefetchRows = 16;

    // Rows of 1024 floats that fit into the first-level cache.
    private const int StripRows = 8;

    /// <summary>panel[k * width + c] = source[k * stride + c]: a panel of columns.</summary>
    /// <param name="source">The first column of the first row.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="rows">Rows to copy.</param>
    /// <param name="columns">1 … width columns that exist.</param>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="panel">rows * width elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns<T>(T* source, nint stride, int rows, int columns, int width, T* panel) where T : unmanaged
    {
        int whole = columns / Vector256<T>.Count * Vector256<T>.Count;
        for (int k = 0; k < rows; k++)
        {
            int c = 0;
            for (; c < whole; c += Vector256<T>.Count)
            {
                Vector256.Load(source + c).Store(panel + c);
            }

            for (; c < columns; c++)
            {
                panel[c] = source[c];
            }

            for (; c < width; c++)
            {
                panel[c] = default;
            }

            source += stride;
            panel += width;
        }
    }

    /// <summary>The same for neighbouring whole panels at once: rows that lie pages apart are each visited once.</summary>
    /// <param name="source">The first column of the first row.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="rows">Rows to copy.</param>
    /// <param name="panels">The number of panels.</param>
    /// <param name="width">Columns of a panel, a multiple of the elements of 512 bits.</param>
    /// <param name="target">The first panel.</param>
    /// <param name="panelLength">Elements from panel to panel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<T>(T* source, nint stride, int rows, int panels, int width, T* target, nint panelLength) where T : unmanaged
    {
        for (int k = 0; k < rows; k++)
        {
            T* from = source, to = target, ahead = source + (PrefetchRows * stride);
            for (int panel = 0; panel < panels; panel++)
            {
                for (int c = 0; c < width; c += 2 * Vector256<T>.Count)
                {
                    if (Sse.IsSupported)
                    {
                        Sse.Prefetch0(ahead + c);
                    }

                    Vector256<T> low = Vector256.Load(from + c), high = Vector256.Load(from + c + Vector256<T>.Count);
                    low.Store(to + c);
                    high.Store(to + c + Vector256<T>.Count);
                }

                from += width;
                ahead += width;
                to += panelLength;
            }

            source += stride;
            target += width;
        }
    }

    /// <summary>panel[k * width + c] = source[c * stride + k]: a panel of columns of the transposed matrix.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between the columns of the result.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">1 … width columns that exist.</param>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="panel">rows * width elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposedColumns<T>(T* source, nint stride, int rows, int columns, int width, T* panel) where T : unmanaged
    {
        int k = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported && columns == width && width % 8 == 0)
        {
            for (; k + 8 <= rows; k += 8)
            {
                for (int c = 0; c < width; c += 8)
                {
                    Transpose8x8((float*)source + (c * stride) + k, stride, (float*)panel + (k * width) + c, width);
                }
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
    /// <param name="height">Rows of the tile, an even number of at least 4.</param>
    /// <param name="strip">depth * height elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<T>(T* source, nint stride, int depth, int rows, int height, T* strip) where T : unmanaged
    {
        if (rows == height)
        {
            int bytes = height * sizeof(T);
            for (int k = 0; k < depth; k++)
            {
                CopyRow((byte*)source, (byte*)strip, bytes);
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

    /// <summary>The same for neighbouring whole strips at once: rows that lie pages apart are visited some at a time.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between steps of k.</param>
    /// <param name="depth">Steps of k.</param>
    /// <param name="strips">The number of strips.</param>
    /// <param name="height">Rows of a tile, an even number of at least 4.</param>
    /// <param name="target">The first strip.</param>
    /// <param name="stripLength">Elements from strip to strip.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strips<T>(T* source, nint stride, int depth, int strips, int height, T* target, nint stripLength) where T : unmanaged
    {
        int bytes = height * sizeof(T);
        for (int k = 0; k < depth; k += StripRows)
        {
            int rows = Math.Min(StripRows, depth - k);
            for (int strip = 0; strip < strips; strip++)
            {
                T* from = source + (k * stride) + (strip * height), to = target + (strip * stripLength) + (k * height);
                for (int i = 0; i < rows; i++)
                {
                    CopyRow((byte*)from, (byte*)to, bytes);
                    from += stride;
                    to += height;
                }
            }
        }
    }

    /// <summary>strip[k * height + r] = source[r * stride + k]: the left operand where rows of a tile are rows in memory.</summary>
    /// <param name="source">The first element.</param>
    /// <param name="stride">Elements between rows.</param>
    /// <param name="depth">Steps of k.</param>
    /// <param name="rows">1 … height rows that exist.</param>
    /// <param name="height">Rows of the tile, an even number of at least 4.</param>
    /// <param name="strip">depth * height elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposedStrip<T>(T* source, nint stride, int depth, int rows, int height, T* strip) where T : unmanaged
    {
        int k = 0;
        if (typeof(T) == typeof(float) && Sse.IsSupported && rows == height)
        {
            for (; k + 4 <= depth; k += 4)
            {
                int r = 0;
                for (; r + 4 <= height; r += 4)
                {
                    Transpose4x4((float*)source + (r * stride) + k, stride, (float*)strip + (k * height) + r, height);
                }

                if (r < height)
                {
                    Transpose2x4((float*)source + (r * stride) + k, stride, (float*)strip + (k * height) + r, height);
                }
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
    private static void Transpose4x4(float* source, nint stride, float* target, nint targetStride)
    {
        Vector128<float> r0 = Sse.LoadVector128(source), r1 = Sse.LoadVector128(source + stride), r2 = Sse.LoadVector128(source + (2 * stride)), r3 = Sse.LoadVector128(source + (3 * stride));
        Vector128<float> t0 = Sse.UnpackLow(r0, r1), t1 = Sse.UnpackLow(r2, r3), t2 = Sse.UnpackHigh(r0, r1), t3 = Sse.UnpackHigh(r2, r3);
        Sse.Store(target, Sse.MoveLowToHigh(t0, t1));
        Sse.Store(target + targetStride, Sse.MoveHighToLow(t1, t0));
        Sse.Store(target + (2 * targetStride), Sse.MoveLowToHigh(t2, t3));
        Sse.Store(target + (3 * targetStride), Sse.MoveHighToLow(t3, t2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose2x4(float* source, nint stride, float* target, nint targetStride)
    {
        Vector128<float> r0 = Sse.LoadVector128(source), r1 = Sse.LoadVector128(source + stride);
        Vector128<float> low = Sse.UnpackLow(r0, r1), high = Sse.UnpackHigh(r0, r1);
        Sse.StoreLow(target, low);
        Sse.StoreHigh(target + targetStride, low);
        Sse.StoreLow(target + (2 * targetStride), high);
        Sse.StoreHigh(target + (3 * targetStride), high);
    }

    // Sizes are multiples of 8: rows of an even number of floats or doubles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(byte* source, byte* target, int bytes)
    {
        int i = 0;
        for (; i + 16 <= bytes; i += 16)
        {
            Vector128.Load(source + i).Store(target + i);
        }

        if (i < bytes)
        {
            *(long*)(target + i) = *(long*)(source + i);
        }
    }
}
