using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>Gradients that are not those of the forward pass.</summary>
public sealed partial class Step
{
    /// <summary>
    /// The same elements, in the same memory, whose gradient is multiplied by a factor on its way back: what lies before learns with another weight than what lies behind. The factor is read when the backward
    /// pass comes there, from device memory, so it may differ from step to step in a captured one.
    /// </summary>
    /// <param name="input">Any shape.</param>
    /// <param name="factor">One element of the parameters' type; it gets no gradient.</param>
    /// <exception cref="ShapeException">The input is not of a floating type, or the factor has more than one element, or another type than parameters beside the input have.</exception>
    public Tensor ScaleGradient(Tensor input, Tensor factor)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(factor);
        const string Op = "scale_gradient";
        using BackendScope scope = Enter(Op, [input, factor]);
        if (!input.DType.IsFloating())
        {
            throw new ShapeException($"{Op}: {input} has no gradient; only floating tensors do, so cast it first");
        }

        if (factor.Count != 1 || factor.DType != input.DType.ParameterType())
        {
            throw new ShapeException($"{Op}: the factor is {factor}; expected one element of {input.DType.ParameterType()}");
        }

        Tensor output = ViewOf(input, input.Shape);
        if (Wants(input))
        {
            Record(Op, output, [factor], gradOutput => ScaleInto(gradOutput, factor, TargetFor(input)));
        }

        return output;
    }

    private void ScaleInto(Tensor gradient, Tensor factor, Target target)
    {
        if (target.Tensor is not { } tensor)
        {
            return;
        }

        // In bfloat16 the factor would lose most of its digits.
        bool isNarrow = gradient.DType != factor.DType;
        if (!isNarrow && !target.Accumulate)
        {
            Backend.Elementwise.Binary(BinaryOp.Multiply, gradient, factor, tensor);
            return;
        }

        Tensor scaled = New(gradient.Shape, factor.DType);
        if (isNarrow)
        {
            Tensor wide = New(gradient.Shape, factor.DType);
            Backend.Elementwise.Cast(gradient, wide);
            Backend.Elementwise.Binary(BinaryOp.Multiply, wide, factor, scaled);
            Backend.Elementwise.Cast(scaled, tensor, target.Accumulate);
            Release(wide);
        }
        else
        {
            Backend.Elementwise.Binary(BinaryOp.Multiply, gradient, factor, scaled);
            Backend.Elementwise.Affine(scaled, 1, 0, tensor, accumulate: true);
        }

        Release(scaled);
    }
}
