using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Sums, means, maxima and arg-max.</summary>
public static class ReductionOps
{
    /// <summary>The sum over some axes, or over all; reduced axes are dropped unless kept with size 1.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="axes">Axes to sum over, negative ones from the end; null for all.</param>
    /// <param name="keepDimensions">Whether summed axes stay with size 1.</param>
    /// <returns>Of the input's type; sums of bfloat16 are Float32.</returns>
    /// <remarks>PyTorch: <c>torch.sum</c>. The order of summation is fixed.</remarks>
    public static Tensor Sum(this Step step, Tensor input, int[]? axes = null, bool keepDimensions = false) => Reduce(step, "sum", input, axes, keepDimensions, mean: false);

    /// <summary>The mean over some axes, or over all; see <see cref="Sum"/>. The mean of nothing is NaN.</summary>
    /// <remarks>PyTorch: <c>torch.mean</c>.</remarks>
    public static Tensor Mean(this Step step, Tensor input, int[]? axes = null, bool keepDimensions = false) => Reduce(step, "mean", input, axes, keepDimensions, mean: true);

    /// <summary>The maximum over the last axis, NaN where there is one; the gradient goes to the first maximum.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[…, C] with C at least 1.</param>
    /// <returns>[…].</returns>
    /// <remarks>PyTorch: <c>torch.amax(x, -1)</c>, except that it shares the gradient of equal maxima.</remarks>
    public static Tensor Max(this Step step, Tensor input)
    {
        const string Op = "max";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Shape shape = LastAxisShape(Op, input);
        Tensor output = step.New(shape, input.DType);
        if (!step.Wants(input))
        {
            step.Backend.Reduction.Max(input, output, indices: null);
            return output;
        }

        Tensor indices = step.New(shape, DType.Int32);
        step.Backend.Reduction.Max(input, output, indices);
        step.Record(Op, output, [indices], gradOutput =>
        {
            if (step.TargetFor(input) is { Tensor: { } gradInput } target)
            {
                step.Backend.Reduction.MaxBackward(indices, gradOutput, gradInput, target.Accumulate);
            }
        });
        step.Release(indices);
        return output;
    }

    /// <summary>The index, as Int32, of the first maximum (the first NaN where there is one) over the last axis: [..., C] becomes [...]. It has no gradient.</summary>
    /// <remarks>PyTorch: <c>torch.argmax(x, -1)</c>.</remarks>
    public static Tensor ArgMax(this Step step, Tensor input)
    {
        const string Op = "argmax";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Tensor indices = step.New(LastAxisShape(Op, input), DType.Int32);
        step.Backend.Reduction.Max(input, output: null, indices);
        return indices;
    }

    private static Shape LastAxisShape(string op, Tensor input)
    {
        Check.Floating(op, "the input", input);
        Check.MinimumRank(op, input, 1);
        return input.Shape[-1] >= 1
            ? new Shape(input.Shape.ToArray().AsSpan(0, input.Shape.Rank - 1))
            : throw new Errors.ShapeException($"{op}: {input.Shape} has no element in its last dimension; a maximum needs one");
    }

    private static Tensor Reduce(Step step, string op, Tensor input, int[]? axes, bool keepDimensions, bool mean)
    {
        using BackendScope scope = Check.Enter(step, op, [input]);
        Check.Activation(op, "the input", input);
        int rank = input.Shape.Rank;
        int[] kept = input.Shape.ToArray();
        var reduced = new bool[rank];
        if (axes is null)
        {
            Array.Fill(reduced, true);
        }
        else
        {
            foreach (int axis in axes)
            {
                reduced[Check.Axis(op, input.Shape, axis)] = true;
            }
        }

        long count = 1;
        for (int i = 0; i < rank; i++)
        {
            if (reduced[i])
            {
                count *= kept[i];
                kept[i] = 1;
            }
        }

        double scale = mean && count > 0 ? 1.0 / count : 1.0;
        var keptShape = new Shape(kept);
        Shape shape = keepDimensions ? keptShape : new Shape(kept.Where((_, i) => !reduced[i]).ToArray());
        Tensor output = step.New(shape, input.DType.ParameterType());
        if (mean && count == 0)
        {
            step.Backend.Elementwise.Fill(output, double.NaN);
        }
        else
        {
            step.Backend.Reduction.Sum(input, output.View(keptShape), scale, accumulate: false);
        }

        if (step.Wants(input))
        {
            step.Record(op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    Spread(step, gradOutput.View(keptShape), scale, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    // Gives every summed element the gradient of its sum; sums of bfloat16 are in single precision.
    private static void Spread(Step step, Tensor gradOutput, double scale, Tensor gradInput, bool accumulate)
    {
        if (gradOutput.DType == gradInput.DType)
        {
            step.Backend.Elementwise.Affine(gradOutput, scale, 0, gradInput, accumulate);
            return;
        }

        Tensor rounded = step.New(gradOutput.Shape, gradInput.DType);
        step.Backend.Elementwise.Cast(gradOutput, rounded);
        step.Backend.Elementwise.Affine(rounded, scale, 0, gradInput, accumulate);
        step.Release(rounded);
    }
}
