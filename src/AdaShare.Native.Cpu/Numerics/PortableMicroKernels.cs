using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The micro-kernels in vectors of 128 bits that every processor has, a row at a time; see <see cref="MicroKernels{T}"/> for what they compute.</summary>
internal static unsafe class PortableMicroKernels<T> where T : unmanaged
{
    private static int Lanes => Vector128<T>.Count;

    public static void Rows6(int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelOffsets, T* initial, T** targets, nint targetOffset, bool accumulate) =>
        Rows(6, taps, depth, sources, sourceOffsets, panel, panelOffsets, initial, targets, targetOffset, accumulate);

    public static void Rows4(int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelOffsets, T* initial, T** targets, nint targetOffset, bool accumulate) =>
        Rows(4, taps, depth, sources, sourceOffsets, panel, panelOffsets, initial, targets, targetOffset, accumulate);

    public static void Outer6(int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate) =>
        Outer(6, runs, table, leftUnit, leftStep, left, rightUnit, right, initial, target, targetStride, accumulate);

    public static void Outer4(int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate) =>
        Outer(4, runs, table, leftUnit, leftStep, left, rightUnit, right, initial, target, targetStride, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows(int rows, int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelOffsets, T* initial, T** targets, nint targetOffset, bool accumulate)
    {
        for (int r = 0; r < rows; r++)
        {
            Vector128<T> c0 = Vector128.Load(initial), c1 = Vector128.Load(initial + Lanes), c2 = Vector128.Load(initial + (2 * Lanes)), c3 = Vector128.Load(initial + (3 * Lanes));
            for (int t = 0; t < taps; t++)
            {
                T* a = sources[r] + sourceOffsets[t];
                T* b = panel + panelOffsets[t];
                for (nint k = 0; k < depth; k++)
                {
                    Vector128<T> x = Vector128.Create(a[k]);
                    c0 += x * Vector128.Load(b);
                    c1 += x * Vector128.Load(b + Lanes);
                    c2 += x * Vector128.Load(b + (2 * Lanes));
                    c3 += x * Vector128.Load(b + (3 * Lanes));
                    b += 4 * Lanes;
                }
            }

            Store(targets[r] + targetOffset, c0, c1, c2, c3, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Outer(int rows, int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate)
    {
        for (int r = 0; r < rows; r++)
        {
            Vector128<T> c0 = Vector128.Load(initial), c1 = Vector128.Load(initial + Lanes), c2 = Vector128.Load(initial + (2 * Lanes)), c3 = Vector128.Load(initial + (3 * Lanes));
            for (int run = 0; run < runs; run++)
            {
                T* a = left + (table[run * 3] * leftUnit) + r;
                T* b = right + (table[(run * 3) + 1] * rightUnit);
                for (int i = table[(run * 3) + 2]; i > 0; i--)
                {
                    Vector128<T> x = Vector128.Create(*a);
                    c0 += x * Vector128.Load(b);
                    c1 += x * Vector128.Load(b + Lanes);
                    c2 += x * Vector128.Load(b + (2 * Lanes));
                    c3 += x * Vector128.Load(b + (3 * Lanes));
                    a += leftStep;
                    b += rightUnit;
                }
            }

            Store(target + (r * targetStride), c0, c1, c2, c3, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* target, Vector128<T> c0, Vector128<T> c1, Vector128<T> c2, Vector128<T> c3, bool accumulate)
    {
        if (accumulate)
        {
            c0 += Vector128.Load(target);
            c1 += Vector128.Load(target + Lanes);
            c2 += Vector128.Load(target + (2 * Lanes));
            c3 += Vector128.Load(target + (3 * Lanes));
        }

        c0.Store(target);
        c1.Store(target + Lanes);
        c2.Store(target + (2 * Lanes));
        c3.Store(target + (3 * Lanes));
    }
}
