namespace AdaShare.Native.Learning.Models;

/// <summary>
/// What a model costs: parameters, and multiply-adds of a forward pass over one image for all tasks, backbone and heads apart. Padding taps are counted; batch norms, gates and
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
    /// <summary>Multiply-adds of backbone and heads, as executed.</summary>
    public long ExecutedMultiplyAdds => ExecutedBackboneMultiplyAdds + HeadMultiplyAdds;
}
