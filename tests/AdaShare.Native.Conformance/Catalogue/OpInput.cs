using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>One input of a case: what it is called, its shape, and how its elements come about.</summary>
/// <param name="Name">The argument's name.</param>
/// <param name="Shape">The shape; for a filter in PyTorch's order.</param>
/// <param name="Fill">Gives the elements.</param>
public sealed record OpInput(string Name, Shape Shape, Fill Fill)
{
    private const ulong Seed = 20201203;

    /// <summary>The element type, or null for the floating type in which the case runs.</summary>
    public DType? Type { get; init; }

    /// <summary>Whether the input is a convolution's filter.</summary>
    public bool IsFilter { get; init; }

    /// <summary>Whether the input is of <see cref="DTypes.ParameterType"/>: scale, shift, bias, gates, statistics.</summary>
    public bool IsParameter { get; init; }

    /// <summary>Whether the input, as a parameter beside activations of bfloat16, goes in rounded (<see cref="Engine.Layers.Parameter.For"/>): filters and tables.</summary>
    public bool IsRounded { get; init; }

    /// <summary>Why the input gets no gradient, or null where it gets one. Integers never do.</summary>
    public string? NoGradient { get; init; }

    /// <summary>Whether gradients with respect to this input are checked.</summary>
    public bool IsDifferentiable => NoGradient is null && Type is null;

    /// <summary>A floating input of normal numbers that gets a gradient.</summary>
    public static OpInput Float(string name, params ReadOnlySpan<int> shape) => new(name, new Shape(shape), Fills.Normal);

    /// <summary>As <see cref="Float"/>, for what stays in single precision beside activations of bfloat16.</summary>
    public static OpInput Parameter(string name, params ReadOnlySpan<int> shape) => Float(name, shape) with { IsParameter = true };

    /// <summary>A filter of normal numbers, [out, in, kh, kw].</summary>
    public static OpInput Filter(int outputs, int inputs, int height, int width) => new("filter", new Shape(outputs, inputs, height, width), Fills.Normal) { IsFilter = true, IsRounded = true };

    /// <summary>A table of normal numbers, of which rows are looked up.</summary>
    public static OpInput Table(string name, int rows, int columns) => Float(name, rows, columns) with { IsRounded = true };

    /// <summary>The elements for a case, rounded to single precision so that every backend starts from the same numbers.</summary>
    /// <param name="caseName">The case's full name: it seeds the numbers.</param>
    public HostArray Generate(string caseName)
    {
        double[] values = Fill(RandomStream.For(Seed, $"{caseName}/{Name}"), (int)Shape.Count);
        return new HostArray(Shape, Array.ConvertAll(values, static x => (double)(float)x));
    }
}
