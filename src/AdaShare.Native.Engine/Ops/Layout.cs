using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>The same elements in another order, and some of them: permutations, flips, paddings, slices with steps, repetitions. Each is a copy, so that what follows finds contiguous memory.</summary>
public static class LayoutOps
{
    /// <summary>Axes in another order.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape and type.</param>
    /// <param name="axes">For each axis of the output the input's; each exactly once, negative ones from the end.</param>
    /// <remarks>PyTorch: <c>Tensor.permute(...).contiguous()</c>.</remarks>
    public static Tensor Permute(this Step step, Tensor input, params int[] axes)
    {
        const string Op = "permute";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        ArgumentNullException.ThrowIfNull(axes);
        int[] order = Order(Op, input.Shape, axes);
        var whole = Strides.Of(input.Shape);
        var from = default(Strides);
        var sizes = new int[order.Length];
        for (int d = 0; d < order.Length; d++)
        {
            from[d] = whole[order[d]];
            sizes[d] = input.Shape[order[d]];
        }

        return Copy(step, Op, input, from, new Shape(sizes));
    }

    /// <summary>Two axes exchanged.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape and type.</param>
    /// <param name="first">An axis, negative ones from the end.</param>
    /// <param name="second">Another.</param>
    /// <remarks>PyTorch: <c>Tensor.transpose(...).contiguous()</c>.</remarks>
    public static Tensor Transpose(this Step step, Tensor input, int first, int second)
    {
        ArgumentNullException.ThrowIfNull(input);
        int a = Check.Axis("transpose", input.Shape, first), b = Check.Axis("transpose", input.Shape, second);
        int[] axes = [.. Enumerable.Range(0, input.Shape.Rank)];
        (axes[a], axes[b]) = (b, a);
        return step.Permute(input, axes);
    }

    /// <summary>The indices of some axes in reverse.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape and type.</param>
    /// <param name="axes">The axes, each at most once, negative ones from the end.</param>
    /// <remarks>PyTorch: <c>torch.flip</c>.</remarks>
    public static Tensor Flip(this Step step, Tensor input, params int[] axes)
    {
        const string Op = "flip";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        ArgumentNullException.ThrowIfNull(axes);
        var from = Strides.Of(input.Shape);
        var seen = new HashSet<int>();
        foreach (int axis in axes.Select(axis => Check.Axis(Op, input.Shape, axis)))
        {
            if (!seen.Add(axis))
            {
                throw new ShapeException($"{Op}: axis {axis} is named twice in [{string.Join(", ", axes)}]; name each once");
            }

            from.Start += from[axis] * Math.Max(0, input.Shape[axis] - 1);
            from[axis] = -from[axis];
        }

        return Copy(step, Op, input, from, input.Shape);
    }

    /// <summary>Every so-many-th index of an axis.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape and type.</param>
    /// <param name="axis">The axis, negative ones from the end.</param>
    /// <param name="range">The indices, for example <c>1..^1</c>.</param>
    /// <param name="stride">The distance from one index to the next, at least 1.</param>
    /// <remarks>PyTorch: <c>x[..., start:end:stride, ...]</c>, as a copy.</remarks>
    public static Tensor SliceRange(this Step step, Tensor input, int axis, Range range, int stride = 1)
    {
        const string Op = "slice_range";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        int along = Check.Axis(Op, input.Shape, axis), size = input.Shape[along];
        int start = range.Start.GetOffset(size), end = range.End.GetOffset(size);
        if (start < 0 || end < start || end > size || stride < 1)
        {
            throw new ShapeException($"{Op}: {range} by {stride} along axis {along} of {input.Shape}; the range must lie within the axis' {size} indices, forward, by 1 or more");
        }

        var from = Strides.Of(input.Shape);
        from.Start = start * from[along];
        from[along] *= stride;
        return Copy(step, Op, input, from, input.Shape.With(along, (end - start + stride - 1) / stride));
    }

    /// <summary>Elements of one value before and behind those of an axis.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape and type.</param>
    /// <param name="axis">The axis, negative ones from the end.</param>
    /// <param name="before">How many before, at least 0.</param>
    /// <param name="behind">How many behind, at least 0.</param>
    /// <param name="value">What they are.</param>
    /// <remarks>PyTorch: <c>F.pad(mode="constant")</c> of one axis.</remarks>
    public static Tensor Pad(this Step step, Tensor input, int axis, int before, int behind, double value = 0)
    {
        const string Op = "pad";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        int along = Check.Axis(Op, input.Shape, axis);
        if (before < 0 || behind < 0)
        {
            throw new ShapeException($"{Op}: {before} before and {behind} behind axis {along} of {input.Shape}; both must be 0 or more, so slice to take something away");
        }

        Shape shape = input.Shape.With(along, Check.Size(Op, (long)input.Shape[along] + before + behind));
        Tensor output = step.New(shape, input.DType);
        IElementwiseKernels kernels = step.Backend.Elementwise;
        if (before + (long)behind > 0)
        {
            kernels.Fill(output, value);
        }

        var inner = Strides.Of(shape);
        inner.Start = before * inner[along];
        kernels.CopyStrided(input, Strides.Of(input.Shape), output, inner, input.Shape, accumulate: false);
        if (input.DType.IsFloating() && step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    kernels.CopyStrided(gradOutput, inner, gradInput, Strides.Of(gradInput.Shape), gradInput.Shape, target.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>The elements repeated to a shape to which theirs broadcasts.</summary>
    /// <remarks>PyTorch: <c>Tensor.expand(...).contiguous()</c>.</remarks>
    public static Tensor BroadcastTo(this Step step, Tensor input, Shape shape)
    {
        const string Op = "broadcast_to";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        if (ElementwiseOps.Broadcast(Op, input.Shape, shape) != shape)
        {
            throw new ShapeException($"{Op}: {input.Shape} does not repeat to {shape}; from the last dimension on, each size must be that of the target, or 1");
        }

        Tensor output = step.New(shape, input.DType);
        step.Backend.Elementwise.Affine(input, 1, 0, output, accumulate: false);
        if (input.DType.IsFloating() && step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput => ElementwiseOps.Reduce(step, gradOutput, step.TargetFor(input), 1));
        }

        return output;
    }

    /// <summary>Tensors of one shape side by side along a new axis.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="inputs">At least one; all of one shape and type.</param>
    /// <param name="axis">The place of the new axis in the output, negative ones from the end.</param>
    /// <remarks>PyTorch: <c>torch.stack</c>.</remarks>
    public static Tensor Stack(this Step step, IReadOnlyList<Tensor> inputs, int axis)
    {
        const string Op = "stack";
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count == 0 || inputs.Any(input => input.Shape != inputs[0].Shape))
        {
            throw new ShapeException($"{Op}: the shapes are {string.Join(", ", inputs.Select(static input => input.Shape))}; it takes one or more tensors of one shape");
        }

        Shape shape = inputs[0].Shape;
        if (shape.Rank == Shape.MaxRank)
        {
            throw new ShapeException($"{Op}: {shape} has {Shape.MaxRank} dimensions, the most there are, so a new one does not fit; merge two by reshaping");
        }

        int[] sizes = new int[shape.Rank + 1];
        int at = axis < 0 ? axis + sizes.Length : axis;
        if ((uint)at >= (uint)sizes.Length)
        {
            throw new ShapeException($"{Op}: axis {axis} does not exist in an output of {sizes.Length} dimensions; use {-sizes.Length} to {sizes.Length - 1}");
        }

        for (int d = 0; d < sizes.Length; d++)
        {
            sizes[d] = d == at ? 1 : shape[d < at ? d : d - 1];
        }

        return step.Concat([.. inputs.Select(input => step.Reshape(input, new Shape(sizes)))], at);
    }

    /// <summary>Copies what strides say into a new contiguous tensor; the way back is the same, exchanged.</summary>
    private static Tensor Copy(Step step, string op, Tensor input, Strides from, Shape sizes)
    {
        Tensor output = step.New(sizes, input.DType);
        var to = Strides.Of(sizes);
        IElementwiseKernels kernels = step.Backend.Elementwise;
        kernels.CopyStrided(input, from, output, to, sizes, accumulate: false);
        if (input.DType.IsFloating() && step.Wants(input))
        {
            step.Record(op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is not { Tensor: { } gradInput } target)
                {
                    return;
                }

                if (!target.Accumulate && gradOutput.Count < gradInput.Count)
                {
                    kernels.Fill(gradInput, 0);
                }

                kernels.CopyStrided(gradOutput, to, gradInput, from, sizes, target.Accumulate);
            });
        }

        return output;
    }

    private static int[] Order(string op, Shape shape, int[] axes)
    {
        int[] order = [.. axes.Select(axis => Check.Axis(op, shape, axis))];
        return order.Length == shape.Rank && order.Distinct().Count() == order.Length
            ? order
            : throw new ShapeException($"{op}: the axes [{string.Join(", ", axes)}] of {shape}; name each of its {shape.Rank} axes once");
    }
}
