using System.Numerics;

namespace AdaShare.Native.CudaSimulation.Interpreter;

internal readonly struct Equal<T> : IComparison<T> where T : unmanaged, IEqualityOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a == b;
}

internal readonly struct Less<T> : IComparison<T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a < b;
}

internal readonly struct LessOrEqual<T> : IComparison<T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a <= b;
}

internal readonly struct Greater<T> : IComparison<T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a > b;
}

internal readonly struct GreaterOrEqual<T> : IComparison<T> where T : unmanaged, IComparisonOperators<T, T, bool>
{
    public static bool Apply(T a, T b) => a >= b;
}

/// <summary>The complement: of an ordered comparison of floating-point numbers the unordered one, which holds for NaN.</summary>
internal readonly struct Unless<TOp, T> : IComparison<T> where TOp : struct, IComparison<T>
{
    public static bool Apply(T a, T b) => !TOp.Apply(a, b);
}

/// <summary>Whether neither is NaN.</summary>
internal readonly struct AreNumbers<T> : IComparison<T> where T : unmanaged, IFloatingPoint<T>
{
    public static bool Apply(T a, T b) => !T.IsNaN(a) && !T.IsNaN(b);
}

/// <summary>Ordered and different.</summary>
internal readonly struct OrderedNotEqual<T> : IComparison<T> where T : unmanaged, IFloatingPoint<T>
{
    public static bool Apply(T a, T b) => a < b || a > b;
}

internal readonly struct ZeroExtended : IUnary<uint, int>
{
    public static int Apply(uint a) => (ushort)a;
}

internal readonly struct SignExtended : IUnary<uint, int>
{
    public static int Apply(uint a) => (short)a;
}

/// <summary>A comparison of numbers of 16 bits in registers of 32.</summary>
internal readonly struct Extended<TOp, TExtension> : IComparison<uint> where TOp : struct, IComparison<int> where TExtension : struct, IUnary<uint, int>
{
    public static bool Apply(uint a, uint b) => TOp.Apply(TExtension.Apply(a), TExtension.Apply(b));
}

// Properties of the first number; the second is the same one.
internal readonly struct IsFinite : IComparison<float>, IComparison<double>
{
    public static bool Apply(float a, float b) => float.IsFinite(a);

    public static bool Apply(double a, double b) => double.IsFinite(a);
}

internal readonly struct IsInfinite : IComparison<float>, IComparison<double>
{
    public static bool Apply(float a, float b) => float.IsInfinity(a);

    public static bool Apply(double a, double b) => double.IsInfinity(a);
}

internal readonly struct IsNumber : IComparison<float>, IComparison<double>
{
    public static bool Apply(float a, float b) => !float.IsNaN(a);

    public static bool Apply(double a, double b) => !double.IsNaN(a);
}
