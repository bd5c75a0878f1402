using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>What softmax, losses and reductions need of one contiguous row. Sums are taken in double precision in an order that depends on the length alone.</summary>
internal static unsafe class RowMath
{
    /// <summary>The largest element; NaN where there is one; minus infinity for an empty row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Max<T>(T* x, long count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T result = T.NegativeInfinity;
        long i = 0;
        if (count >= Vector256<T>.Count)
        {
            Vector256<T> largest = Vector256.Load(x);
            for (i = Vector256<T>.Count; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                largest = Vector256.Max(largest, Vector256.Load(x + i));
            }

            Vector128<T> half = Vector128.Max(largest.GetLower(), largest.GetUpper());
            for (int lane = 0; lane < Vector128<T>.Count; lane++)
            {
                result = Larger(result, half.GetElement(lane));
            }
        }

        for (; i < count; i++)
        {
            result = Larger(result, x[i]);
        }

        return result;
    }

    /// <summary>The sum of all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum<T>(T* x, long count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            sum0 += Lanes.LoadDoubles(x + i);
            sum1 += Lanes.LoadDoubles(x + i + 4);
            sum2 += Lanes.LoadDoubles(x + i + 8);
            sum3 += Lanes.LoadDoubles(x + i + 12);
        }

        double result = Lanes.Fold((sum0 + sum1) + (sum2 + sum3));
        for (; i < count; i++)
        {
            result += Lanes.Double(x[i]);
        }

        return result;
    }

    /// <summary>The sum of the products of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot<T>(T* x, T* y, long count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<double> sum0 = default, sum1 = default;
        long i = 0;
        for (; i <= count - 8; i += 8)
        {
            sum0 = Vector256.FusedMultiplyAdd(Lanes.LoadDoubles(x + i), Lanes.LoadDoubles(y + i), sum0);
            sum1 = Vector256.FusedMultiplyAdd(Lanes.LoadDoubles(x + i + 4), Lanes.LoadDoubles(y + i + 4), sum1);
        }

        double result = Lanes.Fold(sum0 + sum1);
        for (; i < count; i++)
        {
            result = Math.FusedMultiplyAdd(Lanes.Double(x[i]), Lanes.Double(y[i]), result);
        }

        return result;
    }

    /// <summary>The sum of e^(x - shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumExp<T>(T* x, long count, T shift) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<T> shifts = Vector256.Create(shift);
        Vector256<double> sum = default;
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            sum = Lanes.AddDoubles(sum, Lanes.Exp(Vector256.Load(x + i) - shifts));
        }

        if (i < count)
        {
            sum = Lanes.AddDoubles(sum, Lanes.Exp(Lanes.LoadPartial(x + i, count - i, T.NegativeInfinity) - shifts));
        }

        return Lanes.Fold(sum);
    }

    /// <summary>Writes e^(x - shift) and returns the sum; the target may be the row itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exp<T>(T* x, T* target, long count, T shift) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<T> shifts = Vector256.Create(shift);
        Vector256<double> sum = default;
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> value = Lanes.Exp(Vector256.Load(x + i) - shifts);
            value.Store(target + i);
            sum = Lanes.AddDoubles(sum, value);
        }

        if (i < count)
        {
            Vector256<T> value = Lanes.Exp(Lanes.LoadPartial(x + i, count - i, T.NegativeInfinity) - shifts);
            Lanes.StorePartial(value, target + i, count - i);
            sum = Lanes.AddDoubles(sum, value);
        }

        return Lanes.Fold(sum);
    }

    /// <summary>target (+)= factor x; the target may be the row itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<T>(T* x, T factor, T* target, long count, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<T> factors = Vector256.Create(factor);
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> value = Vector256.Load(x + i) * factors;
            (accumulate ? Vector256.Load(target + i) + value : value).Store(target + i);
        }

        for (; i < count; i++)
        {
            T value = x[i] * factor;
            target[i] = accumulate ? target[i] + value : value;
        }
    }

    /// <summary>target = x + shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shift<T>(T* x, T shift, T* target, long count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector256<T> shifts = Vector256.Create(shift);
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            (Vector256.Load(x + i) + shifts).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] = x[i] + shift;
        }
    }

    // A NaN, once there, stays.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Larger<T>(T largest, T value) where T : unmanaged, IFloatingPointIeee754<T> => value > largest || T.IsNaN(value) ? value : largest;
}
