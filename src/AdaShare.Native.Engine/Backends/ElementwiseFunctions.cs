namespace AdaShare.Native.Engine.Backends;

/// <summary>Functions of two numbers.</summary>
public enum BinaryOp
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a b.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>The greater one; NaN where either is.</summary>
    Maximum,

    /// <summary>The smaller one; NaN where either is.</summary>
    Minimum,

    /// <summary>1 where a is above b, 1/2 where they are equal, else 0: the derivative of the maximum by a, shared where both are the maximum.</summary>
    Exceeds,
}

/// <summary>Functions of one number, some with constants; see <see cref="UnaryFunction"/>.</summary>
public enum UnaryOp
{
    /// <summary>e^x.</summary>
    Exp,

    /// <summary>ln x.</summary>
    Log,

    /// <summary>sqrt x.</summary>
    Sqrt,

    /// <summary>|x|, with gradient 0 at 0.</summary>
    Abs,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x Phi(x), where Phi is the normal distribution's.</summary>
    Gelu,

    /// <summary>x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).</summary>
    GeluTanh,

    /// <summary>x / (1 + e^-x).</summary>
    Silu,

    /// <summary>ln(1 + e^x).</summary>
    Softplus,

    /// <summary>x where it is above 0, else the first constant times x.</summary>
    LeakyRelu,

    /// <summary>x where it is above 0, else the first constant times e^x - 1.</summary>
    Elu,

    /// <summary>x, but at least the first constant and at most the second. The gradient passes where x is not beyond them.</summary>
    Clamp,

    /// <summary>x to the power of the first constant.</summary>
    Pow,

    /// <summary>x^2 / 2 where |x| is at most the first constant c, else c (|x| - c / 2).</summary>
    Huber,
}

/// <summary>Comparisons of two numbers.</summary>
public enum CompareOp
{
    /// <summary>a = b.</summary>
    Equal,

    /// <summary>a differs from b.</summary>
    NotEqual,

    /// <summary>a is below b.</summary>
    Less,

    /// <summary>a is not above b.</summary>
    LessOrEqual,
}

/// <summary>A function of one number with its constants.</summary>
/// <param name="Op">The function.</param>
/// <param name="First">Its first constant, where it has one.</param>
/// <param name="Second">Its second constant, where it has two.</param>
public readonly record struct UnaryFunction(UnaryOp Op, double First = 0, double Second = 0)
{
    /// <summary>A function without constants.</summary>
    public static implicit operator UnaryFunction(UnaryOp op) => new(op);

    /// <summary>A function without constants.</summary>
    public static UnaryFunction FromUnaryOp(UnaryOp op) => op;
}

/// <summary>The functions' names in messages, profiles and tapes, as PyTorch writes them.</summary>
public static class ElementwiseNames
{
    /// <summary>A function's name, for example <c>leaky_relu</c>.</summary>
    public static string Name(this UnaryOp op) => op switch
    {
        UnaryOp.Exp => "exp",
        UnaryOp.Log => "log",
        UnaryOp.Sqrt => "sqrt",
        UnaryOp.Abs => "abs",
        UnaryOp.Square => "square",
        UnaryOp.Sigmoid => "sigmoid",
        UnaryOp.Tanh => "tanh",
        UnaryOp.Gelu => "gelu",
        UnaryOp.GeluTanh => "gelu_tanh",
        UnaryOp.Silu => "silu",
        UnaryOp.Softplus => "softplus",
        UnaryOp.LeakyRelu => "leaky_relu",
        UnaryOp.Elu => "elu",
        UnaryOp.Clamp => "clamp",
        UnaryOp.Pow => "pow",
        UnaryOp.Huber => "huber",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function of one number"),
    };

    /// <summary>A function's name, for example <c>add</c>.</summary>
    public static string Name(this BinaryOp op) => op switch
    {
        BinaryOp.Add => "add",
        BinaryOp.Subtract => "subtract",
        BinaryOp.Multiply => "multiply",
        BinaryOp.Divide => "divide",
        BinaryOp.Maximum => "maximum",
        BinaryOp.Minimum => "minimum",
        BinaryOp.Exceeds => "exceeds",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function of two numbers"),
    };
}
