using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Learning.Methods;

/// <summary>
/// What the paper on AdaShare (Sun et al., NeurIPS 2020) says that a method's network costs, its heads left out, on ResNet-34 for one image of 224x224: what the product's own counts are held
/// against.
/// </summary>
/// <param name="Tasks">The number of tasks, K.</param>
/// <param name="Backbones">The state entries (parameters and running statistics) in multiples of those of one backbone, rounded to two decimals; null where none are published.</param>
/// <param name="GigaMultiplyAdds">Multiply-adds in thousand millions, rounded to two decimals; null where none are published.</param>
public sealed record PublishedCost(int Tasks, double? Backbones = null, double? GigaMultiplyAdds = null)
{
    /// <summary>Whether the multiply-adds are those as executed, what tasks have in common counted once; otherwise those of K passes.</summary>
    public bool CountsSharedOnce { get; init; }

    /// <summary>
    /// What the published figure counts otherwise than it is counted here, so that the difference is known and not sought; null where both count the same and have to be equal within rounding.
    /// </summary>
    public string? CountsOtherwise { get; init; }

    /// <summary>The gates under which the network costs that much.</summary>
    public GateTable Gates { get; init; } = GateTable.Shared;
}
