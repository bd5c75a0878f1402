using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The <c>Outer</c> micro-kernel, see <see cref="MicroKernels{T}"/>: a sum of outer products of a strip's columns and a panel's rows.</summary>
internal static unsafe class OuterKernel<T, TVector, TSimd, TRows, TColumns>
    where T : unmanaged
    where TVector : struct
    where TSimd : struct, ISimd<T, TVector>
    where TRows : struct, ITileRows
    where TColumns : struct, ITileColumns
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate)
    {
        Prefetch(target);
        Prefetch(target + targetStride);
        Prefetch(target + (2 * targetStride));
        Prefetch(target + (3 * targetStride));

        if (TRows.Count > 4)
        {
            Prefetch(target + (4 * targetStride));
            Prefetch(target + (5 * targetStride));
        }

        if (TRows.Count > 6)
        {
            Prefetch(target + (6 * targetStride));
            Prefetch(target + (7 * targetStride));
        }

        if (TRows.Count > 8)
        {
            Prefetch(target + (8 * targetStride));
            Prefetch(target + (9 * targetStride));
            Prefetch(target + (10 * targetStride));
            Prefetch(target + (11 * targetStride));
        }

        TVector x0 = TSimd.Load(initial), y0 = TColumns.AreTwo ? TSimd.Load(initial + TSimd.Lanes) : TSimd.Zero;
        TVector x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0, x8 = x0, x9 = x0, x10 = x0, x11 = x0;
        TVector y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0, y8 = y0, y9 = y0, y10 = y0, y11 = y0;
        for (int run = 0; run < runs; run++)
        {
            T* a = left + (table[0] * leftUnit);
            T* b = right + (table[1] * rightUnit);
            for (int i = table[2]; i > 0; i--)
            {
                TVector b0 = TSimd.Load(b), b1 = TColumns.AreTwo ? TSimd.Load(b + TSimd.Lanes) : b0;
                Step(a[0], b0, b1, ref x0, ref y0);
                Step(a[1], b0, b1, ref x1, ref y1);
                Step(a[2], b0, b1, ref x2, ref y2);
                Step(a[3], b0, b1, ref x3, ref y3);

                if (TRows.Count > 4)
                {
                    Step(a[4], b0, b1, ref x4, ref y4);
                    Step(a[5], b0, b1, ref x5, ref y5);
                }

                if (TRows.Count > 6)
                {
                    Step(a[6], b0, b1, ref x6, ref y6);
                    Step(a[7], b0, b1, ref x7, ref y7);
                }

                if (TRows.Count > 8)
                {
                    Step(a[8], b0, b1, ref x8, ref y8);
                    Step(a[9], b0, b1, ref x9, ref y9);
                    Step(a[10], b0, b1, ref x10, ref y10);
                    Step(a[11], b0, b1, ref x11, ref y11);
                }

                a += leftStep;
                b += rightUnit;
            }

            table += 3;
        }

        Store(target, x0, y0, accumulate);
        Store(target + targetStride, x1, y1, accumulate);
        Store(target + (2 * targetStride), x2, y2, accumulate);
        Store(target + (3 * targetStride), x3, y3, accumulate);

        if (TRows.Count > 4)
        {
            Store(target + (4 * targetStride), x4, y4, accumulate);
            Store(target + (5 * targetStride), x5, y5, accumulate);
        }

        if (TRows.Count > 6)
        {
            Store(target + (6 * targetStride), x6, y6, accumulate);
            Store(target + (7 * targetStride), x7, y7, accumulate);
        }

        if (TRows.Count > 8)
        {
            Store(target + (8 * targetStride), x8, y8, accumulate);
            Store(target + (9 * targetStride), x9, y9, accumulate);
            Store(target + (10 * targetStride), x10, y10, accumulate);
            Store(target + (11 * targetStride), x11, y11, accumulate);
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
