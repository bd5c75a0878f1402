using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Element-wise arithmetic and copies, recorded. Arithmetic with a number for each channel becomes a <see cref="ChannelMap"/>.</summary>
internal sealed class TracedElementwise(Trace trace, IElementwiseKernels inner) : IElementwiseKernels
{
    public void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output)
    {
        if (!trace.Records(left, right))
        {
            inner.Binary(op, left, right, output);
            trace.Memory.Clear(output);
            return;
        }

        trace.Write(output, () =>
        {
            GraphValue[]? lefts = Rows(left, output), rights = Rows(right, output);
            ImageSize size = TracedMemory.SizeOf(output.Shape);
            return [.. Enumerable.Range(0, output.Shape[0]).Select(i => (lefts, rights) switch
            {
                ({ } a, { } b) => trace.Graph.Add(new GraphNode(NameOf(op), size, [a[i % a.Length], b[i % b.Length]])),
                ({ } a, null) => WithConstant(op, a[i % a.Length], Channels(right, size), size),
                _ => FromConstant(op, Channels(left, size), rights![i % rights.Length], size),
            })];
        });
    }

    public void Unary(UnaryFunction function, Tensor input, Tensor output)
    {
        if (!trace.Records(input))
        {
            inner.Unary(function, input, output);
            trace.Memory.Clear(output);
            return;
        }

        trace.Each(input, output, value => Apply(function, value));
    }

    public void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate)
    {
        if (!trace.Records(input) && !(accumulate && trace.Records(output)))
        {
            inner.Affine(input, scale, shift, output, accumulate);
            trace.Memory.Clear(output);
            return;
        }

        if (accumulate || input.Shape != output.Shape)
        {
            trace.Memory.WriteUnknown(output, Trace.Refuse($"adds up or repeats features of shape {input.Shape}").Message);
            return;
        }

        trace.Each(input, output, value => trace.Graph.Map(value, Filled(value.Size.Channels, scale), Filled(value.Size.Channels, shift)));
    }

    public void Fill(Tensor target, double value)
    {
        inner.Fill(target, value);
        trace.Memory.Clear(target);
    }

    public void Cast(Tensor input, Tensor output, bool accumulate = false)
    {
        if (!trace.Records(input) && !(accumulate && trace.Records(output)))
        {
            inner.Cast(input, output, accumulate);
            trace.Memory.Clear(output);
            return;
        }

        if (accumulate || !output.DType.IsFloating())
        {
            trace.Memory.WriteUnknown(output, Trace.Refuse($"turns features into {output.DType}").Message);
            return;
        }

        // The graph computes in single precision whatever the network stores.
        trace.Each(input, output, static value => value);
    }

    public void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
    {
        if (!trace.Records(source) && !((accumulate || blocks > 1) && trace.Records(target)))
        {
            inner.CopyBlocks(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
            trace.Memory.Clear(target.Part(targetStart, new Shape(checked((int)(((blocks - 1) * targetStride) + length)))));
            return;
        }

        if (accumulate || !trace.Records(source) || !(CopiesImages(source, sourceStart, target, targetStart, blocks, length) || CopiesChannels(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length)))
        {
            throw Trace.Refuse($"copies parts of features {source.Shape} into {target.Shape}");
        }
    }

    public void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate) => throw Trace.NoEvaluation();

    public void Compare(CompareOp op, Tensor left, Tensor right, Tensor output)
    {
        if (trace.Records(left) || trace.Records(right))
        {
            throw Trace.Refuse($"compares features {left.Shape} with {right.Shape}");
        }

        inner.Compare(op, left, right, output);
        trace.Memory.Clear(output);
    }

    public void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        if ((left is not null && trace.Records(left)) || (right is not null && trace.Records(right)) || trace.Records(mask))
        {
            throw Trace.Refuse($"chooses features of {output.Shape} by a mask");
        }

        inner.Select(mask, left, right, output);
        trace.Memory.Clear(output);
    }

    public void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        if (trace.Records(source) || trace.Records(target))
        {
            throw Trace.Refuse($"puts features {source.Shape} in another order");
        }

        inner.CopyStrided(source, from, target, to, sizes, accumulate);
    }

    /// <summary>A function of one number, in operators of ONNX.</summary>
    private GraphValue Apply(UnaryFunction function, GraphValue value) => function.Op switch
    {
        UnaryOp.Square => trace.Graph.Add(OnnxOperators.Mul, value, value),
        UnaryOp.Silu => trace.Graph.Add(OnnxOperators.Mul, value, trace.Graph.Add("Sigmoid", value)),
        UnaryOp.Exp or UnaryOp.Log or UnaryOp.Sqrt or UnaryOp.Abs or UnaryOp.Sigmoid or UnaryOp.Tanh or UnaryOp.Softplus => trace.Graph.Add(function.Op.ToString(), value),
        _ => throw Trace.Refuse($"computes {function.Op.Name()} of features"),
    };

    /// <summary>Whole images, one after another.</summary>
    private bool CopiesImages(Tensor source, long sourceStart, Tensor target, long targetStart, long blocks, long length)
    {
        ImageSize size = TracedMemory.SizeOf(source.Shape);
        long image = source.Count / source.Shape[0];
        if (blocks != 1 || TracedMemory.SizeOf(target.Shape) != size || length % image != 0 || sourceStart % image != 0 || targetStart % image != 0)
        {
            return false;
        }

        int images = (int)(length / image), first = (int)(sourceStart / image);
        Shape shape = source.Shape.With(0, images);
        GraphValue[] values = trace.Memory.Read(source)[first..(first + images)];
        trace.Memory.Write(target.Part(targetStart, shape), values);
        return true;
    }

    /// <summary>The same channels of every pixel.</summary>
    private bool CopiesChannels(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length)
    {
        int from = source.Shape[-1], to = target.Shape[-1];
        bool isOnePixel = blocks == 1;
        if (source.Shape[0] != target.Shape[0] || blocks != source.Count / from || blocks != target.Count / to || (!isOnePixel && (sourceStride != from || targetStride != to))
            || sourceStart + length > from || targetStart + length > to)
        {
            return false;
        }

        GraphValue[] values = trace.Memory.Read(source);
        for (int i = 0; i < values.Length; i++)
        {
            trace.Memory.WriteChannels(target, i, (int)targetStart, Slice(values[i], sourceStart, length), parts => parts.Count == 1 ? parts[0] : Join(parts));
        }

        return true;
    }

    private GraphValue Slice(GraphValue value, long start, long length) => length == value.Size.Channels
        ? value
        : trace.Graph.Add(new GraphNode("Slice", value.Size with { Channels = (int)length },
            [value, Integers("first", start), Integers("behind_last", start + length), Integers("axis", 1)]));

    private GraphValue Join(IReadOnlyList<GraphValue> parts) =>
        trace.Graph.Add(new GraphNode("Concat", parts[0].Size with { Channels = parts.Sum(static part => part.Size.Channels) }, parts, new GraphAttribute("axis", 1)));

    private static GraphValue Integers(string name, long value) => GraphValue.Of(GraphConstant.OfIntegers(name, value));

    /// <summary>The values of an operand's images; null where it is the same for every image.</summary>
    private GraphValue[]? Rows(Tensor operand, Tensor output)
    {
        if (!trace.Records(operand))
        {
            return null;
        }

        trace.Memory.RequireKnown(operand);
        return operand.Shape.Rank == output.Shape.Rank && (operand.Shape[0] == output.Shape[0] || operand.Shape[0] == 1)
            ? trace.Memory.Read(operand)
            : throw Trace.Refuse($"computes with features of shapes {operand.Shape} and {output.Shape}");
    }

    /// <summary>An operand that is the same for every image, as a number for each channel.</summary>
    private double[] Channels(Tensor operand, ImageSize size) => operand.Count == 1 ? Filled(size.Channels, operand.ToDoubles()[0])
        : operand.Count == size.Channels && operand.Shape[-1] == size.Channels ? operand.ToDoubles()
        : throw Trace.Refuse($"computes with numbers of shape {operand.Shape}, which differ from pixel to pixel or from image to image");

    private GraphValue WithConstant(BinaryOp op, GraphValue value, double[] numbers, ImageSize size)
    {
        double[] zeros = Filled(numbers.Length, 0), ones = Filled(numbers.Length, 1);
        return value.Size != size ? throw Trace.Refuse("repeats features over channels")
            : op switch
            {
                BinaryOp.Add => trace.Graph.Map(value, ones, numbers),
                BinaryOp.Subtract => trace.Graph.Map(value, ones, Array.ConvertAll(numbers, static number => -number)),
                BinaryOp.Multiply => trace.Graph.Map(value, numbers, zeros),
                BinaryOp.Divide => trace.Graph.Map(value, Array.ConvertAll(numbers, static number => 1 / number), zeros),
                _ => throw Refuse(op),
            };
    }

    private GraphValue FromConstant(BinaryOp op, double[] numbers, GraphValue value, ImageSize size) => op switch
    {
        BinaryOp.Add or BinaryOp.Multiply => WithConstant(op, value, numbers, size),
        BinaryOp.Subtract => trace.Graph.Map(value, Filled(numbers.Length, -1), numbers),
        not BinaryOp.Divide => throw Refuse(op),
        _ => trace.Graph.Add(new GraphNode("Div", size, [GraphValue.Of(GraphConstant.OfChannels(numbers, "numerator")), value])),
    };

    private static double[] Filled(int count, double value) => [.. Enumerable.Repeat(value, count)];

    private static string NameOf(BinaryOp op) => op switch
    {
        BinaryOp.Add => OnnxOperators.Add,
        BinaryOp.Subtract => "Sub",
        BinaryOp.Multiply => OnnxOperators.Mul,
        BinaryOp.Divide => "Div",
        _ => throw Refuse(op),
    };

    private static Exception Refuse(BinaryOp op) => Trace.Refuse($"computes the {op.Name()} of features");
}
