using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Functions that activations are made of. In single precision they are vectors' own, within a few units in the last place; in double precision, which is for checks, they go number by number.</summary>
internal static class SpecialFunctions
{
    // Up to here tanh is a polynomial; beyond, 1 - 2 / (e^2|x| + 1) loses nothing.
    private const float TanhPolynomialEnd = 0.625f;

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Sigmoid<T>(Vector256<T> x) where T : unmanaged => Vector256<T>.One / (Vector256<T>.One + Lanes.Exp(-x));

    /// <summary>The hyperbolic tangent.</summary>
    /// <remarks>In single precision the polynomial of Cephes' <c>tanhf</c> (Moshier) near 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Tanh<T>(Vector256<T> x) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return Each(x.AsDouble(), static v => Math.Tanh(v)).As<double, T>();
        }

        Vector256<float> v = x.AsSingle(), magnitude = Vector256.Abs(v), z = v * v;
        Vector256<float> p = Vector256.Create(-5.70498872745e-3f);
        p = Vector256.FusedMultiplyAdd(p, z, Vector256.Create(2.06390887954e-2f));
        p = Vector256.FusedMultiplyAdd(p, z, Vector256.Create(-5.37397155531e-2f));
        p = Vector256.FusedMultiplyAdd(p, z, Vector256.Create(1.33314422036e-1f));
        p = Vector256.FusedMultiplyAdd(p, z, Vector256.Create(-3.33332819422e-1f));
        Vector256<float> near = Vector256.FusedMultiplyAdd(p * z, v, v);
        Vector256<float> far = Vector256<float>.One - (Vector256.Create(2f) / (SingleExp.Apply(magnitude + magnitude) + Vector256<float>.One));
        far |= v & Vector256.Create(-0f);
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(TanhPolynomialEnd)), near, far).As<float, T>();
    }

    /// <summary>ln(1 + x) for x from 0 to 1: the error that 1 + x makes in x is made good.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LogOnePlus<T>(Vector256<T> x) where T : unmanaged
    {
        Vector256<T> one = Vector256<T>.One, sum = x + one;
        Vector256<T> corrected = Lanes.Log(sum) * (x / (sum - one));
        return Vector256.ConditionalSelect(Vector256.Equals(sum, one), x, corrected);
    }

    /// <summary>e^x - 1 for x up to 0; the same way of making good (Kahan).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> ExpMinusOne<T>(Vector256<T> x) where T : unmanaged
    {
        Vector256<T> one = Vector256<T>.One, power = Lanes.Exp(x), difference = power - one;
        Vector256<T> corrected = difference * (x / Lanes.Log(power));
        Vector256<T> result = Vector256.ConditionalSelect(Vector256.Equals(power, one), x, corrected);
        return Vector256.ConditionalSelect(Vector256.LessThan(power, Lanes.Constant<T>(1e-6)), difference, result);
    }

    /// <summary>Phi(x), the normal distribution's function.</summary>
    /// <remarks>In single precision erfc by the formula of Numerical Recipes (Press et al., section 6.2), whose relative error is below 1.2e-7 everywhere.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> NormalCdf<T>(Vector256<T> x) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return Each(x.AsDouble(), static v => 0.5 * ErrorFunction.Complement(v * -0.70710678118654752440)).As<double, T>();
        }

        Vector256<float> v = x.AsSingle(), z = Vector256.Abs(v) * Vector256.Create(0.70710678f);
        Vector256<float> t = Vector256<float>.One / Vector256.FusedMultiplyAdd(z, Vector256.Create(0.5f), Vector256<float>.One);
        Vector256<float> p = Vector256.Create(0.17087277f);
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-0.82215223f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(1.48851587f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-1.13520398f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(0.27886807f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-0.18628806f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(0.09678418f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(0.37409196f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(1.00002368f));
        p = Vector256.FusedMultiplyAdd(p, t, Vector256.Create(-1.26551223f));

        // -x^2 / 2 from x itself: the square of the rounded z would be off by more.
        Vector256<float> tail = t * SingleExp.Apply(Vector256.FusedMultiplyAdd(v * Vector256.Create(-0.5f), v, p)) * Vector256.Create(0.5f);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(v, Vector256<float>.Zero), Vector256<float>.One - tail, tail).As<float, T>();
    }

    /// <summary>x to a power.</summary>
    public static Vector256<T> Pow<T>(Vector256<T> x, double exponent) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            Vector256<double> doubles = x.AsDouble();
            return Vector256.Create(Math.Pow(doubles[0], exponent), Math.Pow(doubles[1], exponent), Math.Pow(doubles[2], exponent), Math.Pow(doubles[3], exponent)).As<double, T>();
        }

        Vector256<float> result = x.AsSingle();
        for (int i = 0; i < Vector256<float>.Count; i++)
        {
            result = result.WithElement(i, MathF.Pow(result[i], (float)exponent));
        }

        return result.As<float, T>();
    }

    private static Vector256<double> Each(Vector256<double> x, Func<double, double> function) => Vector256.Create(function(x[0]), function(x[1]), function(x[2]), function(x[3]));
}
