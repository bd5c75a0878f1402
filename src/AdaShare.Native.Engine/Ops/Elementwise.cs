using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Element-wise arithmetic with broadcasting: shapes are aligned at the last dimension, and a size of 1 or a missing one repeats.</summary>
public static partial class ElementwiseOps
{
    /// <summary>a + b.</summary>
    public static Tensor Add(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Add, left, right);

    /// <summary>a - b.</summary>
    public static Tensor Subtract(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Subtract, left, right);

    /// <summary>a b, element by element.</summary>
    public static Tensor Multiply(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Multiply, left, right);

    /// <summary>a / b, element by element.</summary>
    public static Tensor Divide(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Divide, left, right);

    /// <summary>The greater one, element by element; where both are equal each gets half of the gradient. NaN where either is.</summary>
    /// <remarks>PyTorch: <c>torch.maximum</c>.</remarks>
    public static Tensor Maximum(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Maximum, left, right);

    /// <summary>The smaller one, element by element; where both are equal each gets half of the gradient. NaN where either is.</summary>
    /// <remarks>PyTorch: <c>torch.minimum</c>.</remarks>
    public static Tensor Minimum(this Step step, Tensor left, Tensor right) => Binary(step, BinaryOp.Minimum, left, right);

    /// <summary>factor * x + shift, with constants.</summary>
    public static Tensor Scale(this Step step, Tensor input, double factor, double shift = 0)
    {
        const string Op = "scale";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Check.Activation(Op, "the input", input);
        Tensor output = step.New(input.Shape, input.DType);
        step.Backend.Elementwise.Affine(input, factor, shift, output, accumulate: false);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Elementwise.Affine(gradOutput, factor, 0, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>The elements in another type; gradients pass between floating types and stop at integers.</summary>
    /// <remarks>PyTorch: <c>Tensor.to(dtype)</c>.</remarks>
    public static Tensor Cast(this Step step, Tensor input, DType type)
    {
        const string Op = "cast";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Tensor output = step.New(input.Shape, type);
        step.Backend.Elementwise.Cast(input, output, accumulate: false);
        if (type.IsFloating() && step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Elementwise.Cast(gradOutput, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>The shape to which two shapes broadcast.</summary>
    /// <exception cref="ShapeException">They do not: two sizes differ and neither is 1.</exception>
    public static Shape Broadcast(string op, Shape left, Shape right)
    {
        int rank = Math.Max(left.Rank, right.Rank);
        Span<int> sizes = stackalloc int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int a = i <= left.Rank ? left[-i] : 1;
            int b = i <= right.Rank ? right[-i] : 1;
            if (a != b && a != 1 && b != 1)
            {
                throw new ShapeException($"{op}: {left} and {right} do not broadcast; from the last dimension on, sizes must be equal or 1, but found {a} and {b}");
            }

            sizes[rank - i] = a == 1 ? b : a;
        }

        return new Shape(sizes);
    }

    private static Tensor Binary(Step step, BinaryOp op, Tensor left, Tensor right)
    {
        string name = op.Name();
        using BackendScope scope = Check.Enter(step, name, [left, right]);
        Check.SameActivations(name, left, right);
        Tensor output = step.New(Broadcast(name, left.Shape, right.Shape), left.DType);
        step.Backend.Elementwise.Binary(op, left, right, output);
        if (step.Wants(left, right))
        {
            bool needsOperands = op is not (BinaryOp.Add or BinaryOp.Subtract);
            Tensor?[] saved = needsOperands ? [left, right, op == BinaryOp.Divide ? output : null] : [];
            step.Record(name, output, saved, gradOutput => BinaryBackward(step, op, left, right, output, gradOutput));
        }

        return output;
    }

    private static void BinaryBackward(Step step, BinaryOp op, Tensor left, Tensor right, Tensor output, Tensor gradOutput)
    {
        switch (op)
        {
            case BinaryOp.Add:
                Reduce(step, gradOutput, step.TargetFor(left), 1);
                Reduce(step, gradOutput, step.TargetFor(right), 1);
                break;
            case BinaryOp.Subtract:
                Reduce(step, gradOutput, step.TargetFor(left), 1);
                Reduce(step, gradOutput, step.TargetFor(right), -1);
                break;
            case BinaryOp.Multiply:
                Product(step, BinaryOp.Multiply, gradOutput, right, step.TargetFor(left), 1);
                Product(step, BinaryOp.Multiply, gradOutput, left, step.TargetFor(right), 1);
                break;
            case BinaryOp.Divide:
                // d(a / b) = da / b - (a / b) db / b
                Product(step, BinaryOp.Divide, gradOutput, right, step.TargetFor(left), 1);
                if (step.TargetFor(right) is { Wanted: true } target)
                {
                    Tensor scaled = step.New(output.Shape, output.DType);
                    step.Backend.Elementwise.Binary(BinaryOp.Multiply, gradOutput, output, scaled);
                    Product(step, BinaryOp.Divide, scaled, right, target, -1);
                    step.Release(scaled);
                }

                break;
            case BinaryOp.Maximum:
                Weighted(step, left, right, gradOutput, step.TargetFor(left));
                Weighted(step, right, left, gradOutput, step.TargetFor(right));
                break;
            case BinaryOp.Minimum:
                Weighted(step, right, left, gradOutput, step.TargetFor(left));
                Weighted(step, left, right, gradOutput, step.TargetFor(right));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "unknown binary op");
        }
    }

    // Gives a target the gradient where one operand exceeds the other, and half of it where they are equal.
    private static void Weighted(Step step, Tensor greater, Tensor smaller, Tensor gradOutput, Target target)
    {
        if (target.Wanted)
        {
            Tensor weight = step.New(gradOutput.Shape, gradOutput.DType);
            step.Backend.Elementwise.Binary(BinaryOp.Exceeds, greater, smaller, weight);
            step.Backend.Elementwise.Binary(BinaryOp.Multiply, gradOutput, weight, weight);
            Reduce(step, weight, target, 1);
            step.Release(weight);
        }
    }

    private static void Product(Step step, BinaryOp op, Tensor left, Tensor right, Target target, double scale)
    {
        if (target.Wanted)
        {
            Tensor product = step.New(left.Shape, left.DType);
            step.Backend.Elementwise.Binary(op, left, right, product);
            Reduce(step, product, target, scale);
            step.Release(product);
        }
    }

    internal static void Reduce(Step step, Tensor gradient, Target target, double scale)
    {
        if (target.Tensor is not { } tensor)
        {
            return;
        }

        if (tensor.Count == gradient.Count)
        {
            step.Backend.Elementwise.Affine(gradient.View(tensor.Shape), scale, 0, tensor, target.Accumulate);
        }
        else if (tensor.DType == DType.BFloat16)
        {
            // Sums are in single precision.
            Tensor sum = step.New(tensor.Shape, tensor.DType.ParameterType());
            step.Backend.Reduction.Sum(gradient, sum, scale, accumulate: false);
            step.Backend.Elementwise.Cast(sum, tensor, target.Accumulate);
            step.Release(sum);
        }
        else
        {
            step.Backend.Reduction.Sum(gradient, tensor, scale, target.Accumulate);
        }
    }
}
