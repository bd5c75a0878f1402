using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Gates;

/// <summary>What a task does with a block.</summary>
public enum GateKind
{
    /// <summary>The block runs: x becomes ReLU(r + F(x)).</summary>
    On,

    /// <summary>The block is left out: x becomes r, the block's input or its projection.</summary>
    Off,

    /// <summary>As <see cref="Off"/>, but the block's body still sees the batch, so that it moves the running statistics as the official code does.</summary>
    Silent,

    /// <summary>The block is mixed: x becomes p_select ReLU(r + F(x)) + p_skip r.</summary>
    Soft,
}

/// <summary>A task's decision on a block.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Weights">For <see cref="GateKind.Soft"/>: [1, 2], select and skip, or [N, 2], a row for each image; a tensor of the step. Null where another parameter says it.</param>
/// <param name="Select">For <see cref="GateKind.Soft"/> with a constant weight: p_select; p_skip is the rest to 1.</param>
/// <param name="Images">For <see cref="GateKind.Soft"/> where some images of the group run the block and others don't: which.</param>
public readonly record struct Gate(GateKind Kind, Tensor? Weights = null, double? Select = null, ImageDecisions? Images = null)
{
    /// <summary>Whether images of a group may go different ways.</summary>
    public bool IsPerImage => Images is not null || Weights is { Shape: { Rank: 2 } shape } && shape[0] > 1;

    /// <summary>The block runs.</summary>
    public static Gate On => new(GateKind.On);

    /// <summary>The block is left out.</summary>
    public static Gate Off => new(GateKind.Off);

    /// <summary>The block only moves its running statistics.</summary>
    public static Gate Silent => new(GateKind.Silent);

    /// <summary>The block runs for some images of the group: <see cref="On"/> where all run it, <see cref="Off"/> where none does.</summary>
    /// <param name="runs">For each image whether it runs the block.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static Gate PerImage(IReadOnlyCollection<bool> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs.Count == 0 ? throw new ArgumentException("gate: give a decision for at least one image", nameof(runs))
            : runs.All(static run => run) ? On
            : runs.Any(static run => run) ? new(GateKind.Soft, Images: new ImageDecisions(runs))
            : Off;
    }

    /// <summary>The block is mixed with weights of a step, through which gradients flow: [1, 2] for all images, or [N, 2] for each its own.</summary>
    public static Gate Soft(Tensor weights) => new(GateKind.Soft, weights);

    /// <summary>The block is mixed with the same weights in every step: a gate that needs no step to exist, and that tasks can have in common.</summary>
    /// <param name="select">The weight of the block, 0 … 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is outside.</exception>
    public static Gate Constant(double select) => select is >= 0 and <= 1
        ? new(GateKind.Soft, null, select)
        : throw new ArgumentOutOfRangeException(nameof(select), select, "gate: a constant weight is from 0 to 1");
}
