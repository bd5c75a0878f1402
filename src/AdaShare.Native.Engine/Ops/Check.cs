using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>The argument checks that ops share; each error names the op, what was found and what would have worked.</summary>
internal static class Check
{
    /// <summary>Enters the backend for an op and checks that its inputs can be read and their gradients seen; see <see cref="Step.Enter"/>. Every op begins with it.</summary>
    public static BackendScope Enter(Step step, string op, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor?> optional = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step.Enter(op, inputs, optional);
    }

    /// <summary>A size that was computed from others.</summary>
    public static int Size(string op, long size) => size <= int.MaxValue
        ? (int)size
        : throw new ShapeException($"{op}: the output would have a dimension of {size}; sizes are at most {int.MaxValue}, so use smaller inputs");

    public static void Floating(string op, string argument, Tensor tensor)
    {
        if (tensor.DType is not (DType.Float32 or DType.Float64))
        {
            throw new ShapeException($"{op}: {argument} is {tensor}; it must be Float32 or Float64, so cast it first");
        }
    }

    /// <summary>Of a floating type, bfloat16 among them.</summary>
    public static void Activation(string op, string argument, Tensor tensor)
    {
        if (!tensor.DType.IsFloating())
        {
            throw new ShapeException($"{op}: {argument} is {tensor}; it must be Float32, Float64 or BFloat16, so cast it first");
        }
    }

    /// <summary>Activations of one floating type.</summary>
    public static void SameActivations(string op, Tensor first, params ReadOnlySpan<Tensor?> others)
    {
        Activation(op, "the input", first);
        Same(op, first, first.DType, others);
    }

    /// <summary>What ops take beside activations and keep in <see cref="DTypes.ParameterType"/>: scale, shift, bias, gates, statistics.</summary>
    public static void Parameters(string op, Tensor input, params ReadOnlySpan<Tensor?> parameters)
    {
        Activation(op, "the input", input);
        Same(op, input, input.DType.ParameterType(), parameters);
    }

    public static void Type(string op, string argument, Tensor tensor, DType type)
    {
        if (tensor.DType != type)
        {
            throw new ShapeException($"{op}: {argument} is {tensor}; it must be {type}");
        }
    }

    public static void SameType(string op, Tensor first, params ReadOnlySpan<Tensor?> others)
    {
        Floating(op, "the input", first);
        Same(op, first, first.DType, others);
    }

    private static void Same(string op, Tensor first, DType type, ReadOnlySpan<Tensor?> others)
    {
        foreach (Tensor? other in others)
        {
            if (other is not null && other.DType != type)
            {
                throw new ShapeException(type == first.DType
                    ? $"{op}: {first} and {other} differ in element type; cast one of them"
                    : $"{op}: {other} goes with {first}, so it must be {type}; cast it");
            }
        }
    }

    public static void Shape(string op, string argument, Tensor tensor, Shape expected)
    {
        if (tensor.Shape != expected)
        {
            throw new ShapeException($"{op}: {argument} has shape {tensor.Shape}, expected {expected}");
        }
    }

    public static void Rank(string op, string argument, Tensor tensor, int rank, string form)
    {
        if (tensor.Shape.Rank != rank)
        {
            throw new ShapeException($"{op}: {argument} has shape {tensor.Shape}, expected {form}");
        }
    }

    public static void MinimumRank(string op, Tensor tensor, int rank)
    {
        if (tensor.Shape.Rank < rank)
        {
            throw new ShapeException($"{op}: the input has shape {tensor.Shape}; it needs at least {rank} dimension(s)");
        }
    }

    /// <summary>An axis counted from the front; negative ones count from the end.</summary>
    public static int Axis(string op, Shape shape, int axis)
    {
        int normal = axis < 0 ? axis + shape.Rank : axis;
        return (uint)normal < (uint)shape.Rank
            ? normal
            : throw new ShapeException($"{op}: axis {axis} does not exist in {shape}; use {-shape.Rank} to {shape.Rank - 1}");
    }
}
