using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The hyperbolic tangent.</summary>
internal readonly struct TanhFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => SpecialFunctions.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * ((Vector256<T>.One - y) * (Vector256<T>.One + y));
}

/// <summary>x Phi(x).</summary>
internal readonly struct GeluFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    // 1 / sqrt(2 pi): the normal density at 0.
    private const double Density = 0.398942280401432678;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => x * SpecialFunctions.NormalCdf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        dy * Lanes.MultiplyAdd(x * Lanes.Constant<T>(Density), Lanes.Exp(x * x * Lanes.Constant<T>(-0.5)), SpecialFunctions.NormalCdf(x));
}

/// <summary>x / 2 (1 + tanh u) with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x / (1 + e^-2u).</summary>
internal readonly struct GeluTanhFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    // 2 sqrt(2 / pi), and that times 0.044715.
    private const double Linear = 1.59576912160573071;
    private const double Cubic = Linear * 0.044715;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => x * Share(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy)
    {
        Vector256<T> share = Share(x);
        Vector256<T> slope = Lanes.MultiplyAdd(x * x, Lanes.Constant<T>(3 * Cubic), Lanes.Constant<T>(Linear));
        return dy * Lanes.MultiplyAdd(x * slope, share * (Vector256<T>.One - share), share);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Share(Vector256<T> x) => SpecialFunctions.Sigmoid(x * Lanes.MultiplyAdd(x * x, Lanes.Constant<T>(Cubic), Lanes.Constant<T>(Linear)));
}

/// <summary>x / (1 + e^-x).</summary>
internal readonly struct SiluFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => x * SpecialFunctions.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy)
    {
        Vector256<T> share = SpecialFunctions.Sigmoid(x);
        return dy * Lanes.MultiplyAdd(x * share, Vector256<T>.One - share, share);
    }
}

/// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|).</summary>
internal readonly struct SoftplusFunction<T> : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Lanes.Relu(x) + SpecialFunctions.LogOnePlus(Lanes.Exp(-Vector256.Abs(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * SpecialFunctions.Sigmoid(x);
}

/// <summary>x where it is above 0, else slope x.</summary>
internal readonly struct LeakyReluFunction<T>(double slope) : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => x * Factor(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * Factor(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<T> Factor(Vector256<T> x) => Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<T>.Zero), Vector256<T>.One, Lanes.Constant<T>(slope));
}

/// <summary>x where it is above 0, else alpha (e^x - 1).</summary>
internal readonly struct EluFunction<T>(double alpha) : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<T>.Zero), x, Lanes.Constant<T>(alpha) * SpecialFunctions.ExpMinusOne(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        dy * Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<T>.Zero), Vector256<T>.One, y + Lanes.Constant<T>(alpha));
}

/// <summary>x within bounds.</summary>
internal readonly struct ClampFunction<T>(double least, double most) : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x) => Vector256.Min(Vector256.Max(x, Lanes.Constant<T>(least)), Lanes.Constant<T>(most));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        dy & Vector256.GreaterThanOrEqual(x, Lanes.Constant<T>(least)) & Vector256.LessThanOrEqual(x, Lanes.Constant<T>(most));
}

/// <summary>x to a power, number by number.</summary>
internal readonly struct PowFunction<T>(double exponent) : IUnaryFunction<T> where T : unmanaged
{
    public Vector256<T> Apply(Vector256<T> x) => SpecialFunctions.Pow(x, exponent);

    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) =>
        exponent == 0 ? Vector256<T>.Zero : dy * Lanes.Constant<T>(exponent) * SpecialFunctions.Pow(x, exponent - 1);
}

/// <summary>x^2 / 2 near 0, and straight lines beyond c: with m = min(|x|, c) it is m (|x| - m / 2).</summary>
internal readonly struct HuberFunction<T>(double c) : IUnaryFunction<T> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Apply(Vector256<T> x)
    {
        Vector256<T> magnitude = Vector256.Abs(x), near = Vector256.Min(magnitude, Lanes.Constant<T>(c));
        return near * (magnitude - (near * Lanes.Constant<T>(0.5)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<T> Gradient(Vector256<T> x, Vector256<T> y, Vector256<T> dy) => dy * Vector256.Min(Vector256.Max(x, Lanes.Constant<T>(-c)), Lanes.Constant<T>(c));
}
