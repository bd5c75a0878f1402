using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>The argument checks that ops share; each error names the op, what was found and what would have worked.</summary>
internal static class Check
{
    public static void Floating(string op, string argument, Tensor tensor)
    {
        if (!tensor.DType.IsFloating())
        {
            throw new ShapeException($"{op}: {argument} is {tensor}; it must be Float32 or Float64, so cast it first");
        }
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
        foreach (Tensor? other in others)
        {
            if (other is not null && other.DType != first.DType)
            {
                throw new ShapeException($"{op}: {first} and {other} differ in element type; cast one of them");
            }

            if (other is not null && other.Backend != first.Backend)
            {
                throw new ShapeException($"{op}: {first} lies on {first.Backend.Name} and {other} on {other.Backend.Name}; copy one of them");
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
