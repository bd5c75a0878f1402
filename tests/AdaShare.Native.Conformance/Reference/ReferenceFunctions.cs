using AdaShare.Native.Engine.Backends;
using MathNet.Numerics;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Functions of one number and their derivatives, as their definitions read; where those cancel, written so that they do not (1 + tanh u is 2 sigmoid 2u).</summary>
public static class ReferenceFunctions
{
    private static readonly double Sqrt2OverPi = Math.Sqrt(2 / Math.PI);

    /// <summary>The normal distribution's function.</summary>
    public static double NormalCdf(double x) => 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    /// <summary>The logistic function.</summary>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>The function's value.</summary>
    public static double Apply(UnaryFunction function, double x) => function.Op switch
    {
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => Math.Log(x),
        UnaryOp.Sqrt => Math.Sqrt(x),
        UnaryOp.Abs => Math.Abs(x),
        UnaryOp.Square => x * x,
        UnaryOp.Sigmoid => Sigmoid(x),
        UnaryOp.Tanh => Math.Tanh(x),
        UnaryOp.Gelu => x * NormalCdf(x),
        UnaryOp.GeluTanh => x * Sigmoid(2 * Sqrt2OverPi * (x + (0.044715 * x * x * x))),
        UnaryOp.Silu => x * Sigmoid(x),
        UnaryOp.Softplus => (x > 0 ? x : 0) + LogOnePlus(Math.Exp(-Math.Abs(x))),
        UnaryOp.LeakyRelu => x > 0 ? x : function.First * x,
        UnaryOp.Elu => x > 0 ? x : function.First * ExpMinusOne(x),
        UnaryOp.Clamp => double.Clamp(x, function.First, function.Second),
        UnaryOp.Pow => Math.Pow(x, function.First),
        UnaryOp.Huber => Math.Abs(x) <= function.First ? x * x / 2 : function.First * (Math.Abs(x) - (function.First / 2)),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "unknown function"),
    };

    /// <summary>The function's derivative.</summary>
    public static double Derivative(UnaryFunction function, double x) => function.Op switch
    {
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => 1 / x,
        UnaryOp.Sqrt => 0.5 / Math.Sqrt(x),
        UnaryOp.Abs => Math.Sign(x),
        UnaryOp.Square => 2 * x,
        UnaryOp.Sigmoid => Sigmoid(x) * Sigmoid(-x),
        UnaryOp.Tanh => 1 / (Math.Cosh(x) * Math.Cosh(x)),
        UnaryOp.Gelu => NormalCdf(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)),
        UnaryOp.GeluTanh => GeluTanhDerivative(x),
        UnaryOp.Silu => Sigmoid(x) + (x * Sigmoid(x) * Sigmoid(-x)),
        UnaryOp.Softplus => Sigmoid(x),
        UnaryOp.LeakyRelu => x > 0 ? 1 : function.First,
        UnaryOp.Elu => x > 0 ? 1 : function.First * Math.Exp(x),
        UnaryOp.Clamp => x >= function.First && x <= function.Second ? 1 : 0,
        UnaryOp.Pow => function.First == 0 ? 0 : function.First * Math.Pow(x, function.First - 1),
        UnaryOp.Huber => double.Clamp(x, -function.First, function.First),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "unknown function"),
    };

    // ln(1 + x) and e^x - 1 without cancellation; .NET's own and MathNet's lose half of the digits near 0.
    private static double LogOnePlus(double x) => 2 * Math.Atanh(x / (2 + x));

    private static double ExpMinusOne(double x) => 2 * Math.Exp(x / 2) * Math.Sinh(x / 2);

    private static double GeluTanhDerivative(double x)
    {
        double tanh = Math.Tanh(Sqrt2OverPi * (x + (0.044715 * x * x * x)));
        return (0.5 * (1 + tanh)) + (0.5 * x * (1 - (tanh * tanh)) * Sqrt2OverPi * (1 + (3 * 0.044715 * x * x)));
    }
}
