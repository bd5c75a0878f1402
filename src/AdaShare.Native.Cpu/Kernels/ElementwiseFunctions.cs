using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A function of one number and the gradient through it.</summary>
internal interface IUnaryFunction<T> where T : unmanaged
{
    /// <summary>f(x).</summary>
    static abstract Vector256<T> Apply(Vector256<T> x);

    /// <summary>dy f'(x), where y = f(x).</summary>
    static abstract Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy);
}

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

/// <summary>e^x.</summary>
internal readonly struct ExpFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => Lanes.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * y;
}

/// <summary>ln x.</summary>
internal readonly struct LogFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => Lanes.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy / x;
}

/// <summary>sqrt x.</summary>
internal readonly struct SqrtFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => Vector256.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy / (y + y);
}

/// <summary>|x|.</summary>
internal readonly struct AbsFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => Vector256.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        (dy & Vector256.GreaterThan(x, Vector256<T>.Zero)) - (dy & Vector256.LessThan(x, Vector256<T>.Zero));
}

/// <summary>x^2.</summary>
internal readonly struct SquareFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * (x + x);
}

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct SigmoidFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Apply(Vector256<T> x) => Vector256<T>.One / (Vector256<T>.One + Lanes.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * (y * (Vector256<T>.One - y));
}

/// <summary>output = f(input).</summary>
internal readonly unsafe struct UnaryBody<T, TFunction>(T* input, T* output) : IRangeBody
    where T : unmanaged
    where TFunction : struct, IUnaryFunction<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end) => Leaf(input + start, output + start, end - start);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* x, T* y, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            TFunction.Apply(Vector256.Load(x + i)).Store(y + i);
        }

        if (i < count)
        {
            Lanes.StorePartial(TFunction.Apply(Lanes.LoadPartial(x + i, count - i)), y + i, count - i);
        }
    }
}

/// <summary>gradInput (+)= gradOutput f'(input).</summary>
internal readonly unsafe struct UnaryGradientBody<T, TFunction>(T* input, T* output, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody
    where T : unmanaged
    where TFunction : struct, IUnaryFunction<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end) => Leaf(input + start, output + start, gradOutput + start, gradInput + start, end - start, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* x, T* y, T* dy, T* dx, long count, bool accumulate)
    {
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> gradient = TFunction.Gradient(Vector256.Load(x + i), Vector256.Load(y + i), Vector256.Load(dy + i));
            (accumulate ? gradient + Vector256.Load(dx + i) : gradient).Store(dx + i);
        }

        if (i < count)
        {
            long rest = count - i;
            Vector256<T> gradient = TFunction.Gradient(Lanes.LoadPartial(x + i, rest), Lanes.LoadPartial(y + i, rest), Lanes.LoadPartial(dy + i, rest));
            Lanes.StorePartial(accumulate ? gradient + Lanes.LoadPartial(dx + i, rest) : gradient, dx + i, rest);
        }
    }
}
