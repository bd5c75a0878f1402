using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>Prepares a call of a kernel on given tensors; only the call itself is timed.</summary>
/// <param name="backend">Where.</param>
/// <param name="x">The operands' tensors, in their order. Their shapes say the sizes: a check may give smaller ones than the case has.</param>
internal delegate Action KernelCall(Backend backend, IReadOnlyList<Tensor> x);

/// <summary>Fills operands whose numbers must fit to those of others, for example the indices of maxima.</summary>
internal delegate void OperandPreparation(Backend backend, IReadOnlyList<Tensor> x);

/// <summary>How far a result may be from the truth.</summary>
internal enum Rounding
{
    /// <summary>Few operations or sums in a fixed order: single precision holds.</summary>
    Single,

    /// <summary>Sums of products whose factors the numerics may round or transform: convolutions and matrix products.</summary>
    Products,
}

/// <summary>One kernel at one shape: what is timed, what it must compute and what that costs at least.</summary>
/// <param name="Family">The op family, as its file in Engine/Ops is called, in kebab-case.</param>
/// <param name="Variant">What it does and where in the network: with the family a name that is the same at every scale.</param>
/// <param name="Extents">The sizes.</param>
/// <param name="Operands">The tensors.</param>
/// <param name="Call">Prepares the call.</param>
internal sealed record BenchmarkCase(string Family, string Variant, Extents Extents, IReadOnlyList<Operand> Operands, KernelCall Call)
{
    // The reference visits a product in a few nanoseconds, and a tensor's element in about as many as this many products.
    private const int ElementCost = 8;

    /// <summary>The methods on a step that call this kernel, forward or backward.</summary>
    public IReadOnlyList<string> Ops { get; init; } = [];

    /// <summary>The multiply-adds that the result needs, as its definition counts them; 0 where it has none worth counting.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>What a result may be off by.</summary>
    public Rounding Rounding { get; init; }

    /// <summary>What fits operands to one another before the call.</summary>
    public OperandPreparation? Prepare { get; init; }

    /// <summary>
    /// Axes along which results do not depend on one another, with the indices of each that a sampled check computes. Empty where every element has a say in every other one.
    /// </summary>
    public IReadOnlyList<(char Axis, int Count)> Samples { get; init; } = [];

    /// <summary>Whether an element's place in memory is part of its definition (random numbers): then a sample is taken from the start.</summary>
    public bool IsPositional { get; init; }

    /// <summary>Whether a call makes objects of its own: it runs ops in steps instead of kernels.</summary>
    public bool MakesObjects { get; init; }

    /// <summary>Family and variant: the same at every scale.</summary>
    public string Key => $"{Family}/{Variant}";

    /// <summary>The key and the first operand's size: equal names are equal work.</summary>
    public string Name => $"{Key}@{string.Join('x', Extents.ShapeOf(Operands[0].Axes).ToArray())}";

    /// <summary>About what the reference needs to compute the case, in products.</summary>
    public long ReferenceWork => MultiplyAdds + (ElementCost * Operands.Sum(operand => Extents.ShapeOf(operand.Axes).Count));

    /// <summary>The shapes in words.</summary>
    public string Shapes => string.Join(", ", Operands.Select(operand => $"{operand.Name} {Extents.ShapeOf(operand.Axes)}"));

    /// <summary>The bytes that a call must move, each operand read or written once.</summary>
    /// <param name="activations">The type of activations.</param>
    public long Bytes(DType activations) => Operands.Sum(operand => operand.BytesMoved(Extents, activations));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
