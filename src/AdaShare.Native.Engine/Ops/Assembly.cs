using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Concatenation, slicing and reshaping.</summary>
public static class AssemblyOps
{
    /// <summary>Joins tensors along an axis; all other sizes are equal. Parts that <see cref="Narrow"/> gave and that follow one another are joined where they lie.</summary>
    /// <remarks>PyTorch: <c>torch.cat</c>.</remarks>
    public static Tensor Concat(this Step step, IReadOnlyList<Tensor> inputs, int axis)
    {
        const string Op = "concat";
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count == 0)
        {
            throw new ShapeException($"{Op}: no tensors to join; give at least one");
        }

        using BackendScope scope = Check.Enter(step, Op, [.. inputs]);
        Tensor first = inputs[0];
        int along = Check.Axis(Op, first.Shape, axis);
        long sum = 0;
        foreach (Tensor input in inputs)
        {
            if (input.DType != first.DType || input.Shape.Rank != first.Shape.Rank || input.Shape.With(along, 0) != first.Shape.With(along, 0))
            {
                throw new ShapeException($"{Op}: {first} and {input} do not join along axis {along}; type and all other sizes must be equal");
            }

            sum += input.Shape[along];
        }

        int total = Check.Size(Op, sum);

        if (along == 0 && FollowOneAnother(inputs))
        {
            return step.PartOf(first, 0, total);
        }

        Tensor output = step.New(first.Shape.With(along, total), first.DType);
        (long blocks, long inner) = Blocks(output.Shape, along);
        Tensor[] parts = [.. inputs];
        Run(parts, (part, start, length) => step.Backend.Elementwise.CopyBlocks(part, 0, length, output, start, total * inner, blocks, length, accumulate: false));
        if (step.Wants(parts))
        {
            step.Record(Op, output, [], gradOutput => Run(parts, (part, start, length) =>
            {
                if (step.TargetFor(part) is { Tensor: { } gradPart } target)
                {
                    step.Backend.Elementwise.CopyBlocks(gradOutput, start, total * inner, gradPart, 0, length, blocks, length, target.Accumulate);
                }
            }));
        }

        return output;

        void Run(Tensor[] tensors, Action<Tensor, long, long> copy)
        {
            long start = 0;
            foreach (Tensor tensor in tensors)
            {
                long length = tensor.Shape[along] * inner;
                if (length > 0)
                {
                    copy(tensor, start, length);
                }

                start += length;
            }
        }
    }

    /// <summary>A range of indices along the first axis; the memory is shared, and so is that of the gradient.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, …]. No backward rule may have run that gives it its gradient.</param>
    /// <param name="start">The first index.</param>
    /// <param name="length">How many.</param>
    /// <returns>[length, …].</returns>
    /// <remarks>PyTorch: <c>torch.narrow(x, 0, start, length)</c>.</remarks>
    public static Tensor Narrow(this Step step, Tensor input, int start, int length)
    {
        const string Op = "narrow";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        using BackendScope whole = Check.Enter(step, Op, [input.Whole ?? input]);
        Check.MinimumRank(Op, input, 1);
        if (input.Parameter is not null || input.IsFilter)
        {
            throw new ShapeException($"{Op}: {input} is a parameter's value or a filter, whose gradient lies elsewhere; slice it instead");
        }

        return start >= 0 && length >= 0 && length <= input.Shape[0] - start
            ? step.PartOf(input, start, length)
            : throw new ShapeException($"{Op}: indices {start} to {(long)start + length} along the first axis lie outside {input.Shape}; the axis has {input.Shape[0]}");
    }

    /// <summary>A range of indices along an axis.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="axis">The axis, negative ones from the end.</param>
    /// <param name="start">The first index.</param>
    /// <param name="length">How many.</param>
    /// <remarks>PyTorch: <c>torch.narrow</c>, but a copy.</remarks>
    public static Tensor Slice(this Step step, Tensor input, int axis, int start, int length)
    {
        const string Op = "slice";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        int along = Check.Axis(Op, input.Shape, axis);
        int size = input.Shape[along];
        if (start < 0 || length < 0 || length > size - start)
        {
            throw new ShapeException($"{Op}: indices {start} to {(long)start + length} along axis {along} lie outside {input.Shape}; the axis has {size}");
        }

        Tensor output = step.New(input.Shape.With(along, length), input.DType);
        (long blocks, long inner) = Blocks(input.Shape, along);
        step.Backend.Elementwise.CopyBlocks(input, start * inner, size * inner, output, 0, length * inner, blocks, length * inner, accumulate: false);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is not { Tensor: { } gradInput } target)
                {
                    return;
                }

                if (!target.Accumulate)
                {
                    ClearAround(step, gradInput, blocks, start * inner, length * inner);
                }

                step.Backend.Elementwise.CopyBlocks(gradOutput, 0, length * inner, gradInput, start * inner, size * inner, blocks, length * inner, target.Accumulate);
            });
        }

        return output;
    }

    /// <summary>Another shape over the same elements; the memory is shared.</summary>
    /// <remarks>PyTorch: <c>Tensor.view</c>.</remarks>
    public static Tensor Reshape(this Step step, Tensor input, Shape shape)
    {
        const string Op = "reshape";
        using BackendScope scope = Check.Enter(step, Op, [input]);
        Tensor output = step.ViewOf(input, shape);
        if (step.Wants(input))
        {
            step.Record(Op, output, [], gradOutput =>
            {
                if (step.TargetFor(input) is { Tensor: { } gradInput } target)
                {
                    step.Backend.Elementwise.Affine(gradOutput.View(gradInput.Shape), 1, 0, gradInput, target.Accumulate);
                }
            });
        }

        return output;
    }

    // Whether tensors are parts of one tensor, each where the one before ends.
    private static bool FollowOneAnother(IReadOnlyList<Tensor> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].Whole is not { } whole || whole != parts[0].Whole || (i > 0 && parts[i].Offset != parts[i - 1].Offset + parts[i - 1].Count))
            {
                return false;
            }
        }

        return true;
    }

    // Sets what a copy of blocks will leave out to 0; where that is not in two pieces, everything.
    private static void ClearAround(Step step, Tensor target, long blocks, long start, long length)
    {
        if (blocks != 1 || target.Count > int.MaxValue)
        {
            step.Backend.Elementwise.Fill(target, 0);
            return;
        }

        foreach ((long first, long end) in ((long, long)[])[(0, start), (start + length, target.Count)])
        {
            if (end > first)
            {
                step.Backend.Elementwise.Fill(target.Part(first, new Shape((int)(end - first))), 0);
            }
        }
    }

    private static (long Blocks, long Inner) Blocks(Shape shape, int axis)
    {
        long blocks = 1, inner = 1;
        for (int i = 0; i < shape.Rank; i++)
        {
            if (i < axis)
            {
                blocks *= shape[i];
            }
            else if (i > axis)
            {
                inner *= shape[i];
            }
        }

        return (blocks, inner);
    }
}
