using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A function of one number and the gradient through it.</summary>
internal interface IUnaryFunction<T> where T : unmanaged
{
    /// <summary>f(x).</summary>
    Vector256<T> Apply(Vector256<T> x);

    /// <summary>dy f'(x), where y = f(x).</summary>
    Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy);
}

/// <summary>Work that is done with a function of one number.</summary>
internal interface IUnaryVisitor<T> where T : unmanaged
{
    /// <summary>Does the work with it.</summary>
    void Visit<TFunction>(TFunction function) where TFunction : struct, IUnaryFunction<T>;
}

/// <summary>Finds the vector form of a function, so that each loop over it is compiled for itself.</summary>
internal static class UnaryFunctions
{
    /// <summary>Does some work with a function.</summary>
    public static void Visit<T, TVisitor>(UnaryFunction function, TVisitor visitor)
        where T : unmanaged
        where TVisitor : struct, IUnaryVisitor<T>
    {
        switch (function.Op)
        {
            case UnaryOp.Exp:
                visitor.Visit(default(ExpFunction<T>));
                break;
            case UnaryOp.Log:
                visitor.Visit(default(LogFunction<T>));
                break;
            case UnaryOp.Sqrt:
                visitor.Visit(default(SqrtFunction<T>));
                break;
            case UnaryOp.Abs:
                visitor.Visit(default(AbsFunction<T>));
                break;
            case UnaryOp.Square:
                visitor.Visit(default(SquareFunction<T>));
                break;
            case UnaryOp.Sigmoid:
                visitor.Visit(default(SigmoidFunction<T>));
                break;
            case UnaryOp.Tanh:
                visitor.Visit(default(TanhFunction<T>));
                break;
            case UnaryOp.Gelu:
                visitor.Visit(default(GeluFunction<T>));
                break;
            case UnaryOp.GeluTanh:
                visitor.Visit(default(GeluTanhFunction<T>));
                break;
            case UnaryOp.Silu:
                visitor.Visit(default(SiluFunction<T>));
                break;
            case UnaryOp.Softplus:
                visitor.Visit(default(SoftplusFunction<T>));
                break;
            case UnaryOp.LeakyRelu:
                visitor.Visit(new LeakyReluFunction<T>(function.First));
                break;
            case UnaryOp.Elu:
                visitor.Visit(new EluFunction<T>(function.First));
                break;
            case UnaryOp.Clamp:
                visitor.Visit(new ClampFunction<T>(function.First, function.Second));
                break;
            case UnaryOp.Pow:
                visitor.Visit(new PowFunction<T>(function.First));
                break;
            case UnaryOp.Huber:
                visitor.Visit(new HuberFunction<T>(function.First));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "unknown function of one number");
        }
    }
}

/// <summary>e^x.</summary>
internal readonly struct ExpFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Lanes.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * y;
}

/// <summary>ln x.</summary>
internal readonly struct LogFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Lanes.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy / x;
}

/// <summary>sqrt x.</summary>
internal readonly struct SqrtFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Vector256.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy / (y + y);
}

/// <summary>|x|.</summary>
internal readonly struct AbsFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Vector256.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        (dy & Vector256.GreaterThan(x, Vector256<T>.Zero)) - (dy & Vector256.LessThan(x, Vector256<T>.Zero));
}

/// <summary>x^2.</summary>
internal readonly struct SquareFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => x * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * (x + x);
}

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct SigmoidFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Vector256<T>.One / (Vector256<T>.One + Lanes.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * (y * (Vector256<T>.One - y));
}
