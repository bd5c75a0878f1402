using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checks;

/// <summary>An input of a function whose gradients are checked.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Shape">Its shape; of a filter in PyTorch's order.</param>
/// <param name="Values">Its elements, row-major. They should lie away from points where the function has no derivative, and where floating be of magnitude 1 or so.</param>
public sealed record GradientCheckInput(string Name, Shape Shape, IReadOnlyList<double> Values)
{
    /// <summary>The element type, or null for the floating type of the check. Integers are not moved and get no gradient.</summary>
    public DType? Type { get; init; }

    /// <summary>Whether it is a convolution's filter.</summary>
    public bool IsFilter { get; init; }

    /// <summary>Whether its gradient is checked. Where it is false the input wants none.</summary>
    public bool IsChecked { get; init; } = true;

    internal bool IsMoved => IsChecked && (Type ?? DType.Float32).IsFloating() && Values.Count > 0;
}
