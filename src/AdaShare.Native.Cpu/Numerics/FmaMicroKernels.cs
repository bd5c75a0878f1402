using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The micro-kernels for x86 processors with AVX2 and FMA; see <see cref="MicroKernels{T}"/> for what they compute.</summary>
internal static unsafe class FmaMicroKernels<T> where T : unmanaged
{
    private static int Half => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6(int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelOffsets, T* initial, T** targets, nint targetOffset, bool accumulate)
    {
        Vector256<T> c00 = Load(initial), c01 = Load(initial + Half);
        Vector256<T> c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
        for (int t = 0; t < taps; t++)
        {
            nint shift = sourceOffsets[t];
            T* a0 = sources[0] + shift, a1 = sources[1] + shift, a2 = sources[2] + shift, a3 = sources[3] + shift, a4 = sources[4] + shift, a5 = sources[5] + shift;
            T* b = panel + panelOffsets[t];
            nint k = 0;
            for (nint even = depth & ~1; k < even; k += 2)
            {
                Vector256<T> b0 = Load(b), b1 = Load(b + Half);
                Step(a0[k], b0, b1, ref c00, ref c01);
                Step(a1[k], b0, b1, ref c10, ref c11);
                Step(a2[k], b0, b1, ref c20, ref c21);
                Step(a3[k], b0, b1, ref c30, ref c31);
                Step(a4[k], b0, b1, ref c40, ref c41);
                Step(a5[k], b0, b1, ref c50, ref c51);
                b0 = Load(b + (2 * Half));
                b1 = Load(b + (3 * Half));
                Step(a0[k + 1], b0, b1, ref c00, ref c01);
                Step(a1[k + 1], b0, b1, ref c10, ref c11);
                Step(a2[k + 1], b0, b1, ref c20, ref c21);
                Step(a3[k + 1], b0, b1, ref c30, ref c31);
                Step(a4[k + 1], b0, b1, ref c40, ref c41);
                Step(a5[k + 1], b0, b1, ref c50, ref c51);
                b += 4 * Half;
            }

            if (k < depth)
            {
                Vector256<T> b0 = Load(b), b1 = Load(b + Half);
                Step(a0[k], b0, b1, ref c00, ref c01);
                Step(a1[k], b0, b1, ref c10, ref c11);
                Step(a2[k], b0, b1, ref c20, ref c21);
                Step(a3[k], b0, b1, ref c30, ref c31);
                Step(a4[k], b0, b1, ref c40, ref c41);
                Step(a5[k], b0, b1, ref c50, ref c51);
            }
        }

        Store(targets[0] + targetOffset, c00, c01, accumulate);
        Store(targets[1] + targetOffset, c10, c11, accumulate);
        Store(targets[2] + targetOffset, c20, c21, accumulate);
        Store(targets[3] + targetOffset, c30, c31, accumulate);
        Store(targets[4] + targetOffset, c40, c41, accumulate);
        Store(targets[5] + targetOffset, c50, c51, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4(int taps, int depth, T** sources, nint* sourceOffsets, T* panel, nint* panelOffsets, T* initial, T** targets, nint targetOffset, bool accumulate)
    {
        Vector256<T> c00 = Load(initial), c01 = Load(initial + Half);
        Vector256<T> c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
        for (int t = 0; t < taps; t++)
        {
            nint shift = sourceOffsets[t];
            T* a0 = sources[0] + shift, a1 = sources[1] + shift, a2 = sources[2] + shift, a3 = sources[3] + shift;
            T* b = panel + panelOffsets[t];
            for (nint k = 0; k < depth; k++)
            {
                Vector256<T> b0 = Load(b), b1 = Load(b + Half);
                Step(a0[k], b0, b1, ref c00, ref c01);
                Step(a1[k], b0, b1, ref c10, ref c11);
                Step(a2[k], b0, b1, ref c20, ref c21);
                Step(a3[k], b0, b1, ref c30, ref c31);
                b += 2 * Half;
            }
        }

        Store(targets[0] + targetOffset, c00, c01, accumulate);
        Store(targets[1] + targetOffset, c10, c11, accumulate);
        Store(targets[2] + targetOffset, c20, c21, accumulate);
        Store(targets[3] + targetOffset, c30, c31, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outer6(int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate)
    {
        Vector256<T> c00 = Load(initial), c01 = Load(initial + Half);
        Vector256<T> c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
        for (int run = 0; run < runs; run++)
        {
            T* a = left + (table[0] * leftUnit);
            T* b = right + (table[1] * rightUnit);
            for (int i = table[2]; i > 0; i--)
            {
                Vector256<T> b0 = Load(b), b1 = Load(b + Half);
                Step(a[0], b0, b1, ref c00, ref c01);
                Step(a[1], b0, b1, ref c10, ref c11);
                Step(a[2], b0, b1, ref c20, ref c21);
                Step(a[3], b0, b1, ref c30, ref c31);
                Step(a[4], b0, b1, ref c40, ref c41);
                Step(a[5], b0, b1, ref c50, ref c51);
                a += leftStep;
                b += rightUnit;
            }

            table += 3;
        }

        Store(target, c00, c01, accumulate);
        Store(target + targetStride, c10, c11, accumulate);
        Store(target + (2 * targetStride), c20, c21, accumulate);
        Store(target + (3 * targetStride), c30, c31, accumulate);
        Store(target + (4 * targetStride), c40, c41, accumulate);
        Store(target + (5 * targetStride), c50, c51, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outer4(int runs, int* table, nint leftUnit, nint leftStep, T* left, nint rightUnit, T* right, T* initial, T* target, nint targetStride, bool accumulate)
    {
        Vector256<T> c00 = Load(initial), c01 = Load(initial + Half);
        Vector256<T> c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
        for (int run = 0; run < runs; run++)
        {
            T* a = left + (table[0] * leftUnit);
            T* b = right + (table[1] * rightUnit);
            for (int i = table[2]; i > 0; i--)
            {
                Vector256<T> b0 = Load(b), b1 = Load(b + Half);
                Step(a[0], b0, b1, ref c00, ref c01);
                Step(a[1], b0, b1, ref c10, ref c11);
                Step(a[2], b0, b1, ref c20, ref c21);
                Step(a[3], b0, b1, ref c30, ref c31);
                a += leftStep;
                b += rightUnit;
            }

            table += 3;
        }

        Store(target, c00, c01, accumulate);
        Store(target + targetStride, c10, c11, accumulate);
        Store(target + (2 * targetStride), c20, c21, accumulate);
        Store(target + (3 * targetStride), c30, c31, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T a, Vector256<T> b0, Vector256<T> b1, ref Vector256<T> c0, ref Vector256<T> c1)
    {
        Vector256<T> x = Vector256.Create(a);
        c0 = MultiplyAdd(x, b0, c0);
        c1 = MultiplyAdd(x, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Fma.MultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Fma.MultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Load(T* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* target, Vector256<T> c0, Vector256<T> c1, bool accumulate)
    {
        if (accumulate)
        {
            c0 += Load(target);
            c1 += Load(target + Half);
        }

        c0.Store(target);
        c1.Store(target + Half);
    }
}
