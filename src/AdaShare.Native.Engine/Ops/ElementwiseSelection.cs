using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <content>Comparisons, which make masks, and the choice by a mask. A mask is UInt8: 0 for no, anything else for yes.</content>
public static partial class ElementwiseOps
{
    /// <summary>The mask of where two tensors of one type, broadcast, have equal elements.</summary>
    /// <remarks>PyTorch: <c>torch.eq</c>. A NaN is equal to nothing.</remarks>
    public static Tensor Equal(this Step step, Tensor left, Tensor right) => Compare(step, "equal", CompareOp.Equal, left, right);

    /// <summary>The mask of where two tensors of one type, broadcast, differ.</summary>
    /// <remarks>PyTorch: <c>torch.ne</c>.</remarks>
    public static Tensor NotEqual(this Step step, Tensor left, Tensor right) => Compare(step, "not_equal", CompareOp.NotEqual, left, right);

    /// <summary>The mask of where the left one is below the right one.</summary>
    /// <remarks>PyTorch: <c>torch.lt</c>.</remarks>
    public static Tensor Less(this Step step, Tensor left, Tensor right) => Compare(step, "less", CompareOp.Less, left, right);

    /// <summary>The mask of where the left one is below the right one or equal to it.</summary>
    /// <remarks>PyTorch: <c>torch.le</c>.</remarks>
    public static Tensor LessOrEqual(this Step step, Tensor left, Tensor right) => Compare(step, "less_or_equal", CompareOp.LessOrEqual, left, right);

    /// <summary>The mask of where the left one is above the right one.</summary>
    /// <remarks>PyTorch: <c>torch.gt</c>.</remarks>
    public static Tensor Greater(this Step step, Tensor left, Tensor right) => Compare(step, "greater", CompareOp.Less, right, left);

    /// <summary>The mask of where the left one is above the right one or equal to it.</summary>
    /// <remarks>PyTorch: <c>torch.ge</c>.</remarks>
    public static Tensor GreaterOrEqual(this Step step, Tensor left, Tensor right) => Compare(step, "greater_or_equal", CompareOp.LessOrEqual, right, left);

    /// <summary>Of two tensors, element by element, the left one where a mask says so, else the right one. What is not chosen gets no gradient, even where it is NaN.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="mask">UInt8; broadcast with the others.</param>
    /// <param name="left">Of a floating type or Int32.</param>
    /// <param name="right">Of the left one's type.</param>
    /// <returns>The shape to which all three broadcast.</returns>
    /// <remarks>PyTorch: <c>torch.where</c>.</remarks>
    public static Tensor Where(this Step step, Tensor mask, Tensor left, Tensor right)
    {
        const string Op = "where";
        using BackendScope scope = Check.Enter(step, Op, [mask, left, right]);
        Check.Type(Op, "the mask", mask, DType.UInt8);
        Comparable(Op, left, right);
        Tensor output = step.New(Broadcast(Op, Broadcast(Op, left.Shape, right.Shape), mask.Shape), left.DType);
        step.Backend.Elementwise.Select(mask, left, right, output);
        if (left.DType.IsFloating() && step.Wants(left, right))
        {
            step.Record(Op, output, [mask], gradOutput =>
            {
                Chosen(step, mask, gradOutput, isLeft: true, step.TargetFor(left));
                Chosen(step, mask, gradOutput, isLeft: false, step.TargetFor(right));
            });
        }

        return output;
    }

    private static void Chosen(Step step, Tensor mask, Tensor gradOutput, bool isLeft, Target target)
    {
        if (target.Wanted)
        {
            Tensor chosen = step.New(gradOutput.Shape, gradOutput.DType);
            step.Backend.Elementwise.Select(mask, isLeft ? gradOutput : null, isLeft ? null : gradOutput, chosen);
            Reduce(step, chosen, target, 1);
            step.Release(chosen);
        }
    }

    private static Tensor Compare(Step step, string op, CompareOp comparison, Tensor left, Tensor right)
    {
        using BackendScope scope = Check.Enter(step, op, [left, right]);
        Comparable(op, left, right);
        Tensor output = step.New(Broadcast(op, left.Shape, right.Shape), DType.UInt8);
        step.Backend.Elementwise.Compare(comparison, left, right, output);
        return output;
    }

    private static void Comparable(string op, Tensor left, Tensor right)
    {
        if (left.DType != right.DType || left.DType == DType.UInt8)
        {
            throw new ShapeException($"{op}: the operands are {left} and {right}; they must be of one type, floating or Int32, so cast one of them");
        }
    }
}
