namespace AdaShare.Native.CudaSimulation.Interpreter;

// The operations on floating-point numbers (PTX ISA, section 9.7.3). Those that IEEE 754 defines are exact to the bit; only the bits of a NaN may differ from the hardware's.
internal readonly struct FusedMultiplyAdd : ITernary<float, float, float, float>, ITernary<double, double, double, double>
{
    public static float Apply(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static double Apply(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);
}

internal readonly struct Quotient : IBinary<float, float, float>, IBinary<double, double, double>
{
    public static float Apply(float a, float b) => a / b;

    public static double Apply(double a, double b) => a / b;
}

/// <summary>The smaller number; the other one where one is NaN; -0 is smaller than 0.</summary>
internal readonly struct FloatMinimum : IBinary<float, float, float>, IBinary<double, double, double>
{
    public static float Apply(float a, float b) => float.MinNumber(a, b);

    public static double Apply(double a, double b) => double.MinNumber(a, b);
}

internal readonly struct FloatMaximum : IBinary<float, float, float>, IBinary<double, double, double>
{
    public static float Apply(float a, float b) => float.MaxNumber(a, b);

    public static double Apply(double a, double b) => double.MaxNumber(a, b);
}

/// <summary>The smaller number, or NaN where one is NaN.</summary>
internal readonly struct NanMinimum : IBinary<float, float, float>
{
    public static float Apply(float a, float b) => MathF.Min(a, b);
}

internal readonly struct NanMaximum : IBinary<float, float, float>
{
    public static float Apply(float a, float b) => MathF.Max(a, b);
}

internal readonly struct FloatAbsolute : IUnary<float, float>, IUnary<double, double>
{
    public static float Apply(float a) => MathF.Abs(a);

    public static double Apply(double a) => Math.Abs(a);
}

internal readonly struct SquareRoot : IUnary<float, float>, IUnary<double, double>
{
    public static float Apply(float a) => MathF.Sqrt(a);

    public static double Apply(double a) => Math.Sqrt(a);
}

internal readonly struct Reciprocal : IUnary<float, float>, IUnary<double, double>
{
    public static float Apply(float a) => 1 / a;

    public static double Apply(double a) => 1 / a;
}

internal readonly struct CopySign : IBinary<float, float, float>, IBinary<double, double, double>
{
    // The sign is that of the first operand, the magnitude that of the second.
    public static float Apply(float a, float b) => MathF.CopySign(b, a);

    public static double Apply(double a, double b) => Math.CopySign(b, a);
}

// The approximations. The hardware's tables are not public; here each is computed in double precision and rounded once, which lies within every bound that the PTX ISA states
// (ex2 2 ulp, lg2 2^-22, rcp 1 ulp, rsqrt 2^-22.9, sqrt 2^-23, sin and cos 2^-20.9 on [-pi, pi], tanh 2^-11, division 2 ulp).
internal readonly struct ApproximateExp2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Pow(2, a);
}

internal readonly struct ApproximateLog2 : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Log2(a);
}

internal readonly struct ApproximateReciprocal : IUnary<float, float>
{
    public static float Apply(float a) => (float)(1.0 / a);
}

/// <summary>rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64 give the high 32 bits only, the low ones are 0; subnormal numbers count as 0.</summary>
internal readonly struct ApproximateReciprocal64 : IUnary<double, double>
{
    public static double Apply(double a) => HighWord.Of(1 / HighWord.Flush(a));
}

internal readonly struct ApproximateReciprocalSquareRoot64 : IUnary<double, double>
{
    public static double Apply(double a) => HighWord.Of(1 / Math.Sqrt(HighWord.Flush(a)));
}

internal static class HighWord
{
    public static double Of(double a) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(Flush(a)) & unchecked((long)0xFFFFFFFF00000000));

    public static double Flush(double a) => double.IsSubnormal(a) ? Math.CopySign(0, a) : a;
}

internal readonly struct ApproximateReciprocalSquareRoot : IUnary<float, float>
{
    public static float Apply(float a) => (float)(1 / Math.Sqrt(a));
}

internal readonly struct ApproximateSine : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Sin(a);
}

internal readonly struct ApproximateCosine : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Cos(a);
}

internal readonly struct ApproximateHyperbolicTangent : IUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Tanh(a);
}

/// <summary>.ftz of an operation on one number.</summary>
internal readonly struct FlushUnary<TOp> : IUnary<float, float> where TOp : struct, IUnary<float, float>
{
    public static float Apply(float a) => Subnormal.Flush(TOp.Apply(Subnormal.Flush(a)));
}

/// <summary>.ftz of an operation on two numbers.</summary>
internal readonly struct FlushBinary<TOp> : IBinary<float, float, float> where TOp : struct, IBinary<float, float, float>
{
    public static float Apply(float a, float b) => Subnormal.Flush(TOp.Apply(Subnormal.Flush(a), Subnormal.Flush(b)));
}

/// <summary>.ftz of an operation on three numbers.</summary>
internal readonly struct FlushTernary<TOp> : ITernary<float, float, float, float> where TOp : struct, ITernary<float, float, float, float>
{
    public static float Apply(float a, float b, float c) => Subnormal.Flush(TOp.Apply(Subnormal.Flush(a), Subnormal.Flush(b), Subnormal.Flush(c)));
}

/// <summary>.ftz of a comparison.</summary>
internal readonly struct FlushComparison<TOp> : IComparison<float> where TOp : struct, IComparison<float>
{
    public static bool Apply(float a, float b) => TOp.Apply(Subnormal.Flush(a), Subnormal.Flush(b));
}

internal static class Subnormal
{
    /// <summary>A subnormal number as 0 of its sign.</summary>
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;
}

/// <summary>.sat: the result clamped to [0, 1], NaN as 0.</summary>
internal readonly struct SaturateUnary<TOp> : IUnary<float, float> where TOp : struct, IUnary<float, float>
{
    public static float Apply(float a) => Saturation.Clamp(TOp.Apply(a));
}

internal readonly struct SaturateBinary<TOp> : IBinary<float, float, float> where TOp : struct, IBinary<float, float, float>
{
    public static float Apply(float a, float b) => Saturation.Clamp(TOp.Apply(a, b));
}

internal readonly struct SaturateTernary<TOp> : ITernary<float, float, float, float> where TOp : struct, ITernary<float, float, float, float>
{
    public static float Apply(float a, float b, float c) => Saturation.Clamp(TOp.Apply(a, b, c));
}

internal static class Saturation
{
    public static float Clamp(float value) => value > 0 ? MathF.Min(value, 1) : 0;
}

/// <summary>The identity, to put modifiers on.</summary>
internal readonly struct Same<T> : IUnary<T, T>
{
    public static T Apply(T a) => a;
}

/// <summary>The integer that a number is rounded to.</summary>
internal readonly struct ToInteger<TRounding> : IUnary<float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a) => (float)TRounding.Integer(a);
}
