using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checks;

/// <summary>How gradients are checked; what is null follows from the type.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>The floating type to compute in, Float64 or Float32. Default: Float64 where the backend has it.</summary>
    public DType? Type { get; init; }

    /// <summary>The most elements of each input that are moved one by one, chosen at random; all of them are moved together anyway.</summary>
    public int ElementsPerInput { get; init; } = 64;

    /// <summary>How far elements are moved, as a share of the input's largest magnitude, which counts as 1 at most. Default: 1e-5, in single precision 1e-2.</summary>
    public double? RelativeStep { get; init; }

    /// <summary>The difference that is allowed, as a share of the larger of the two numbers. Default: 1e-6, in single precision 2e-3.</summary>
    public double? RelativeTolerance { get; init; }

    /// <summary>The difference that is allowed beside it. What rounding the outputs makes of the differences is added in any case. Default: 1e-8, in single precision 1e-4.</summary>
    public double? AbsoluteTolerance { get; init; }

    /// <summary>What the choice of elements, the directions and the weights of the output's elements are drawn from.</summary>
    public ulong Seed { get; init; } = 31337;

    internal CentralDifferenceSettings For(DType type) => type == DType.Float64
        ? new(RelativeStep ?? 1e-5, RelativeTolerance ?? 1e-6, AbsoluteTolerance ?? 1e-8, Math.Pow(2, -53), ElementsPerInput)
        : new(RelativeStep ?? 1e-2, RelativeTolerance ?? 2e-3, AbsoluteTolerance ?? 1e-4, Math.Pow(2, -24), ElementsPerInput);
}
