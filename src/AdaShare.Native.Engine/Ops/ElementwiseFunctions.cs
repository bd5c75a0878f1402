using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <content>Functions of one number. Each takes an input of any shape and a floating type, and returns a tensor of the same.</content>
public static partial class ElementwiseOps
{
    /// <summary>e^x.</summary>
    public static Tensor Exp(this Step step, Tensor input) => Unary(step, UnaryOp.Exp, input);

    /// <summary>The natural logarithm.</summary>
    public static Tensor Log(this Step step, Tensor input) => Unary(step, UnaryOp.Log, input);

    /// <summary>The square root.</summary>
    public static Tensor Sqrt(this Step step, Tensor input) => Unary(step, UnaryOp.Sqrt, input);

    /// <summary>|x|, with gradient 0 at 0.</summary>
    public static Tensor Abs(this Step step, Tensor input) => Unary(step, UnaryOp.Abs, input);

    /// <summary>x^2.</summary>
    public static Tensor Square(this Step step, Tensor input) => Unary(step, UnaryOp.Square, input);

    /// <summary>1 / (1 + e^-x).</summary>
    public static Tensor Sigmoid(this Step step, Tensor input) => Unary(step, UnaryOp.Sigmoid, input);

    /// <summary>The hyperbolic tangent.</summary>
    public static Tensor Tanh(this Step step, Tensor input) => Unary(step, UnaryOp.Tanh, input);

    /// <summary>The Gaussian error linear unit, x Phi(x), where Phi is the normal distribution's (Hendrycks and Gimpel, 2016).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="tanh">Whether to take the approximation x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), with which some models were trained.</param>
    /// <remarks>PyTorch: <c>F.gelu</c>, with <c>approximate="tanh"</c> for the approximation.</remarks>
    public static Tensor Gelu(this Step step, Tensor input, bool tanh = false) => Unary(step, tanh ? UnaryOp.GeluTanh : UnaryOp.Gelu, input);

    /// <summary>x / (1 + e^-x), also called Swish.</summary>
    /// <remarks>PyTorch: <c>F.silu</c>.</remarks>
    public static Tensor Silu(this Step step, Tensor input) => Unary(step, UnaryOp.Silu, input);

    /// <summary>ln(1 + e^x), exact for numbers of every size.</summary>
    /// <remarks>PyTorch: <c>F.softplus</c>, which returns x itself from 20 on.</remarks>
    public static Tensor Softplus(this Step step, Tensor input) => Unary(step, UnaryOp.Softplus, input);

    /// <summary>x where it is above 0, else slope * x; the gradient at 0 is the slope.</summary>
    /// <remarks>PyTorch: <c>F.leaky_relu</c>.</remarks>
    public static Tensor LeakyRelu(this Step step, Tensor input, double slope = 0.01) => Unary(step, new UnaryFunction(UnaryOp.LeakyRelu, slope), input);

    /// <summary>x where it is above 0, else alpha * (e^x - 1).</summary>
    /// <remarks>PyTorch: <c>F.elu</c>.</remarks>
    public static Tensor Elu(this Step step, Tensor input, double alpha = 1) => Unary(step, new UnaryFunction(UnaryOp.Elu, alpha), input);

    /// <summary>x, but no less than one number and no more than another. The gradient passes where x is within or on the bounds.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="least">The lower bound; negative infinity for none.</param>
    /// <param name="most">The upper bound, not below the lower; infinity for none.</param>
    /// <exception cref="ShapeException">The upper bound is below the lower, or one is NaN.</exception>
    /// <remarks>PyTorch: <c>torch.clamp</c>.</remarks>
    public static Tensor Clamp(this Step step, Tensor input, double least, double most) => least <= most
        ? Unary(step, new UnaryFunction(UnaryOp.Clamp, least, most), input)
        : throw new ShapeException($"clamp: the bounds are {least} and {most}; the second must not be below the first");

    /// <summary>x to a power; NaN for a negative number where the exponent is no integer.</summary>
    /// <remarks>PyTorch: <c>torch.pow</c> with a number as exponent.</remarks>
    public static Tensor Pow(this Step step, Tensor input, double exponent) => Unary(step, new UnaryFunction(UnaryOp.Pow, exponent), input);

    /// <summary>x^2 / 2 where |x| is at most delta, else delta (|x| - delta / 2): the loss of a residual x.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="delta">Above 0.</param>
    /// <exception cref="ShapeException">The constant is not above 0.</exception>
    public static Tensor Huber(this Step step, Tensor input, double delta = 1) => delta > 0
        ? Unary(step, new UnaryFunction(UnaryOp.Huber, delta), input)
        : throw new ShapeException($"huber: delta is {delta}; it must be above 0");

    private static Tensor Unary(Step step, UnaryFunction function, Tensor input)
    {
        string name = function.Op.Name();
        using BackendScope scope = Check.Enter(step, name, [input]);
        Check.Activation(name, "the input", input);
        Tensor output = step.New(input.Shape, input.DType);
        step.Backend.Elementwise.Unary(function, input, output);
        if (step.Wants(input))
        {
            step.Record(name, output, [input, output], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Elementwise.UnaryBackward(function, input, output, gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }
}
