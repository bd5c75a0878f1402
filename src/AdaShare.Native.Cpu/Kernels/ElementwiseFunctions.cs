using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>a + b.</summary>
internal readonly struct AddFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left + right;
}

/// <summary>a - b.</summary>
internal readonly struct SubtractFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left - right;
}

/// <summary>a b.</summary>
internal readonly struct MultiplyFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left * right;
}

/// <summary>a / b.</summary>
internal readonly struct DivideFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left / right;
}

/// <summary>a, the bits as they are.</summary>
internal readonly struct CopyFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left;
}

/// <summary>scale a + shift, plus b where that is what was there before.</summary>
internal readonly struct AffineFunction<T>(T scale, T shift, bool accumulate) : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right)
    {
        Vector256<T> value = Lanes.MultiplyAdd(left, Vector256.Create(scale), Vector256.Create(shift));
        return accumulate ? value + right : value;
    }
}

/// <summary>The same for integers: computed in double precision, cut towards zero, held to the type's range.</summary>
internal readonly struct IntegerAffineFunction<T>(double scale, double shift, bool accumulate) : IBinaryFunction<T> where T : unmanaged, IBinaryInteger<T>
{
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right)
    {
        Vector256<T> result = default;
        for (int i = 0; i < Vector256<T>.Count; i++)
        {
            double value = (double.CreateTruncating(left[i]) * scale) + shift + (accumulate ? double.CreateTruncating(right[i]) : 0);
            result = result.WithElement(i, T.CreateSaturating(value));
        }

        return result;
    }
}

/// <summary>The greater one; NaN where either is.</summary>
internal readonly struct MaximumFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.Max(left, right);
}

/// <summary>The smaller one; NaN where either is.</summary>
internal readonly struct MinimumFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.Min(left, right);
}

/// <summary>1 where a is above b, 1/2 where they are equal, else 0.</summary>
internal readonly struct ExceedsFunction<T> : IBinaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> left, Vector256<T> right) =>
        (Vector256.GreaterThan(left, right) & Vector256<T>.One) | (Vector256.Equals(left, right) & Lanes.Constant<T>(0.5));
}
