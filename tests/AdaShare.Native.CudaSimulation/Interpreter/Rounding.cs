namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>How a number that lies between two of the target type is rounded, or a fraction between two integers.</summary>
internal interface IRounding
{
    /// <summary>-1 down, 1 up, 0 towards zero.</summary>
    static abstract int Direction { get; }

    /// <summary>The integer that a number is rounded to.</summary>
    static abstract double Integer(double value);
}

internal readonly struct TowardsZero : IRounding
{
    public static int Direction => 0;

    public static double Integer(double value) => Math.Truncate(value);
}

internal readonly struct Downwards : IRounding
{
    public static int Direction => -1;

    public static double Integer(double value) => Math.Floor(value);
}

internal readonly struct Upwards : IRounding
{
    public static int Direction => 1;

    public static double Integer(double value) => Math.Ceiling(value);
}

/// <summary>To the nearest, of two equally near ones to the even one.</summary>
internal readonly struct ToNearest : IRounding
{
    public static int Direction => 2;

    public static double Integer(double value) => Math.Round(value, MidpointRounding.ToEven);
}

/// <summary>Rounds exact sums of two doubles to single precision.</summary>
internal static class Directed
{
    /// <summary>The float next to <paramref name="high"/> + <paramref name="low"/> in a direction, where |low| is at most half a unit of the last place of high.</summary>
    public static float Round<TRounding>(double high, double low) where TRounding : struct, IRounding
    {
        var nearest = (float)high;
        if (!float.IsFinite(nearest))
        {
            return double.IsFinite(high) ? Overflow<TRounding>(nearest) : nearest;
        }

        double error = high - nearest;
        int side = error != 0 ? Math.Sign(error) : Math.Sign(low);
        if (TRounding.Direction == 2)
        {
            return nearest;
        }

        int wanted = TRounding.Direction != 0 ? TRounding.Direction : high > 0 ? -1 : 1;
        return side == wanted ? (side > 0 ? MathF.BitIncrement(nearest) : MathF.BitDecrement(nearest)) : nearest;
    }

    /// <summary>The rounding error of a sum (Knuth's TwoSum).</summary>
    public static double SumError(double a, double b, double sum)
    {
        double part = sum - a;
        return (a - (sum - part)) + (b - part);
    }

    private static float Overflow<TRounding>(float infinity) where TRounding : struct, IRounding
    {
        bool up = infinity > 0;
        return TRounding.Direction == 2 || TRounding.Direction == (up ? 1 : -1) ? infinity : up ? float.MaxValue : float.MinValue;
    }
}

/// <summary>Sums, products and multiply-adds that are rounded in a direction.</summary>
internal readonly struct DirectedAdd<TRounding> : IBinary<float, float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a, float b)
    {
        double sum = (double)a + b;
        return Directed.Round<TRounding>(sum, Directed.SumError(a, b, sum));
    }
}

internal readonly struct DirectedSubtract<TRounding> : IBinary<float, float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a, float b) => DirectedAdd<TRounding>.Apply(a, -b);
}

internal readonly struct DirectedMultiply<TRounding> : IBinary<float, float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a, float b) => Directed.Round<TRounding>((double)a * b, 0);
}

internal readonly struct DirectedMultiplyAdd<TRounding> : ITernary<float, float, float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a, float b, float c)
    {
        double product = (double)a * b, sum = product + c;
        return Directed.Round<TRounding>(sum, Directed.SumError(product, c, sum));
    }
}

/// <summary>Division rounded in a direction: the remainder of the nearest quotient tells on which side it lies.</summary>
internal readonly struct DirectedDivide<TRounding> : IBinary<float, float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a, float b)
    {
        double quotient = (double)a / b;
        double remainder = Math.FusedMultiplyAdd(-quotient, b, a);
        return Directed.Round<TRounding>(quotient, double.IsFinite(remainder) ? remainder / b : 0);
    }
}

internal readonly struct DirectedSquareRoot<TRounding> : IUnary<float, float> where TRounding : struct, IRounding
{
    public static float Apply(float a)
    {
        double root = Math.Sqrt(a);
        double remainder = Math.FusedMultiplyAdd(-root, root, a);
        return Directed.Round<TRounding>(root, double.IsFinite(remainder) ? remainder : 0);
    }
}
