using System.Text.Json.Serialization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Models;

/// <summary>
/// What a model costs: parameters, and multiply-adds of a forward pass for all tasks over one image, or over one image of each group where tasks have images of their own; backbone and heads apart. Padding taps are counted; batch norms, gates and
/// additions are not.
/// </summary>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="BackboneParameters">Parameters of the backbone or backbones, with whatever connects them.</param>
/// <param name="UsedBackboneParameters">Parameters of the parts that at least one task runs.</param>
/// <param name="HeadParameters">Parameters of all heads.</param>
/// <param name="ExecutedBackboneMultiplyAdds">Multiply-adds of the backbone as executed: what tasks have in common is computed once.</param>
/// <param name="PassesBackboneMultiplyAdds">Multiply-adds of the backbone in K passes, one for each task, skipped blocks left out: the unit of the paper's figures.</param>
/// <param name="FullBackboneMultiplyAdds">Multiply-adds of K passes through every block of a single backbone.</param>
/// <param name="HeadMultiplyAdds">Multiply-adds of all heads.</param>
/// <param name="StateEntries">Elements of the whole state dict: parameters, running statistics, counters, logits.</param>
public sealed record ModelCost(
    int Height, int Width, long BackboneParameters, long UsedBackboneParameters, long HeadParameters, long ExecutedBackboneMultiplyAdds, long PassesBackboneMultiplyAdds,
    long FullBackboneMultiplyAdds, long HeadMultiplyAdds, long StateEntries)
{
    /// <summary>The number of images that the multiply-adds are of, where tasks have images of their own: nothing is shared between them; null where one image serves all tasks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Images { get; init; }

    /// <summary>What the multiply-adds are of, for people.</summary>
    [JsonIgnore]
    public string Scope => Images is int images
        ? Height == 1 ? $"{images} texts of {Width} characters, one for each group of tasks with texts of its own" : $"{images} images of {Height}x{Width}, one for each group of tasks with images of its own"
        : $"one {InputKinds.Sized(Height, Width)} for all tasks";

    /// <summary>Multiply-adds of backbone and heads, as executed.</summary>
    public long ExecutedMultiplyAdds => ExecutedBackboneMultiplyAdds + HeadMultiplyAdds;
}
