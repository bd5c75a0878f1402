using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Runs an op on a step.</summary>
/// <param name="step">The step.</param>
/// <param name="inputs">The inputs in the case's order.</param>
/// <param name="type">The floating type in which the case runs.</param>
/// <returns>Everything that the op wrote and that is to be compared.</returns>
public delegate Tensor[] OpRun(Step step, IReadOnlyList<Tensor> inputs, DType type);

/// <summary>What an op's outputs must be, from its definition on plain arrays.</summary>
public delegate HostArray[] OpDefinition(IReadOnlyList<HostArray> inputs);

/// <summary>
/// One way to use an op. The catalogue of cases drives the value check, the gradient check, the conformance of backends, and the micro-benchmark.
/// </summary>
/// <param name="Family">The op's family, named as its file in Engine/Ops.</param>
/// <param name="Op">The method on <see cref="Step"/>.</param>
/// <param name="Name">What is special about the case.</param>
/// <param name="Inputs">The inputs.</param>
/// <param name="Run">Runs the op.</param>
/// <param name="Definition">What must come out.</param>
public sealed record OpCase(string Family, string Op, string Name, IReadOnlyList<OpInput> Inputs, OpRun Run, OpDefinition Definition)
{
    private static readonly HashSet<string> Bfloat16Families = ["Convolution", "BatchNorm", "BatchNormResidual", "Activation", "Pooling", "Elementwise", "Assembly", "Embedding", "Layout"];
    private static readonly HashSet<string> Bfloat16Ops = [nameof(Engine.Ops.ReductionOps.Sum), nameof(Engine.Ops.ReductionOps.Mean), nameof(Engine.Ops.GateOps.GatedResidual)];

    /// <summary>Whether the op takes activations of bfloat16.</summary>
    public bool TakesBfloat16 => Bfloat16Families.Contains(Family) || Bfloat16Ops.Contains(Op);

    /// <summary>The name by which tests show the case and random numbers are seeded.</summary>
    public string FullName => $"{Family}/{Op}: {Name}";

    /// <summary>How far single precision may be from the truth, as a share of the largest magnitude of the result. Double precision gets 2^-29 of it.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>The magnitude that the tolerance is at least a share of, for results near 0 that are made of larger numbers.</summary>
    public double MagnitudeFloor { get; init; }

    /// <summary>Whether the tolerance is a share of each output element's own magnitude: ops that compute each element from few numbers.</summary>
    public bool IsPointwise { get; init; }

    /// <summary>Why central differences say nothing about the gradient here (a kink, an estimator that is not the derivative), or null where they do.</summary>
    public string? NoCentralDifference { get; init; }

    /// <summary>The most elements of each input that are moved one by one in the gradient check; all of them are moved together anyway.</summary>
    public int GradientSamples { get; init; } = 48;

    /// <summary>The inputs' elements.</summary>
    public HostArray[] Generate() => [.. Inputs.Select(input => input.Generate(FullName))];

    /// <inheritdoc/>
    public override string ToString() => FullName;
}
