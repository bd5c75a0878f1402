using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The <c>Rows</c> micro-kernel, see <see cref="MicroKernels{T}"/>: a tile whose rows lie at addresses of their own.</summary>
internal static unsafe class RowsKernel<T, TVector, TSimd, TRows, TColumns>
    where T : unmanaged
    where TVector : struct
    where TSimd : struct, ISimd<T, TVector>
    where TRows : struct, ITileRows
    where TColumns : struct, ITileColumns
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelRows, T* initial, T** targets, nint targetOffset, bool accumulate)
    {
        Prefetch(targets[0] + targetOffset);
        Prefetch(targets[1] + targetOffset);
        Prefetch(targets[2] + targetOffset);
        Prefetch(targets[3] + targetOffset);

        if (TRows.Count > 4)
        {
            Prefetch(targets[4] + targetOffset);
            Prefetch(targets[5] + targetOffset);
        }

        if (TRows.Count > 6)
        {
            Prefetch(targets[6] + targetOffset);
            Prefetch(targets[7] + targetOffset);
        }

        if (TRows.Count > 8)
        {
            Prefetch(targets[8] + targetOffset);
            Prefetch(targets[9] + targetOffset);
            Prefetch(targets[10] + targetOffset);
            Prefetch(targets[11] + targetOffset);
        }

        int width = TColumns.AreTwo ? 2 * TSimd.Lanes : TSimd.Lanes;
        TVector x0 = TSimd.Load(initial), y0 = TColumns.AreTwo ? TSimd.Load(initial + TSimd.Lanes) : TSimd.Zero;
        TVector x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0, x8 = x0, x9 = x0, x10 = x0, x11 = x0;
        TVector y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0, y8 = y0, y9 = y0, y10 = y0, y11 = y0;
        for (int t = 0; t < taps; t++)
        {
            nint shift = sourceOffsets[t];
            T* a0 = sources[0] + shift, a1 = sources[1] + shift, a2 = sources[2] + shift, a3 = sources[3] + shift;
            T* a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0;

            if (TRows.Count > 4)
            {
                a4 = sources[4] + shift;
                a5 = sources[5] + shift;
            }

            if (TRows.Count > 6)
            {
                a6 = sources[6] + shift;
                a7 = sources[7] + shift;
            }

            if (TRows.Count > 8)
            {
                a8 = sources[8] + shift;
                a9 = sources[9] + shift;
                a10 = sources[10] + shift;
                a11 = sources[11] + shift;
            }

            T* b = panel + (panelRows[t] * width);
            for (nint k = 0; k < depth; k++)
            {
                TVector b0 = TSimd.Load(b), b1 = TColumns.AreTwo ? TSimd.Load(b + TSimd.Lanes) : b0;
                Step(a0[k], b0, b1, ref x0, ref y0);
                Step(a1[k], b0, b1, ref x1, ref y1);
                Step(a2[k], b0, b1, ref x2, ref y2);
                Step(a3[k], b0, b1, ref x3, ref y3);

                if (TRows.Count > 4)
                {
                    Step(a4[k], b0, b1, ref x4, ref y4);
                    Step(a5[k], b0, b1, ref x5, ref y5);
                }

                if (TRows.Count > 6)
                {
                    Step(a6[k], b0, b1, ref x6, ref y6);
                    Step(a7[k], b0, b1, ref x7, ref y7);
                }

                if (TRows.Count > 8)
                {
                    Step(a8[k], b0, b1, ref x8, ref y8);
                    Step(a9[k], b0, b1, ref x9, ref y9);
                    Step(a10[k], b0, b1, ref x10, ref y10);
                    Step(a11[k], b0, b1, ref x11, ref y11);
                }

                b += width;
            }
        }

        Store(targets[0] + targetOffset, x0, y0, accumulate);
        Store(targets[1] + targetOffset, x1, y1, accumulate);
        Store(targets[2] + targetOffset, x2, y2, accumulate);
        Store(targets[3] + targetOffset, x3, y3, accumulate);

        if (TRows.Count > 4)
        {
            Store(targets[4] + targetOffset, x4, y4, accumulate);
            Store(targets[5] + targetOffset, x5, y5, accumulate);
        }

        if (TRows.Count > 6)
        {
            Store(targets[6] + targetOffset, x6, y6, accumulate);
            Store(targets[7] + targetOffset, x7, y7, accumulate);
        }

        if (TRows.Count > 8)
        {
            Store(targets[8] + targetOffset, x8, y8, accumulate);
            Store(targets[9] + targetOffset, x9, y9, accumulate);
            Store(targets[10] + targetOffset, x10, y10, accumulate);
            Store(targets[11] + targetOffset, x11, y11, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* target)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(target);
            if (TColumns.AreTwo)
            {
                Sse.Prefetch0(target + TSimd.Lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T a, TVector b0, TVector b1, ref TVector c0, ref TVector c1)
    {
        TVector broadcast = TSimd.Broadcast(a);
        c0 = TSimd.MultiplyAdd(broadcast, b0, c0);
        if (TColumns.AreTwo)
        {
            c1 = TSimd.MultiplyAdd(broadcast, b1, c1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* target, TVector c0, TVector c1, bool accumulate)
    {
        TSimd.Store(target, accumulate ? TSimd.Add(TSimd.Load(target), c0) : c0);
        if (TColumns.AreTwo)
        {
            TSimd.Store(target + TSimd.Lanes, accumulate ? TSimd.Add(TSimd.Load(target + TSimd.Lanes), c1) : c1);
        }
    }
}
