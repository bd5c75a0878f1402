using AdaShare.Native.Learning.Methods;

namespace AdaShare.Native.Methods.Costs;

/// <summary>What a method's network costs, its heads left out, for one image and a number of tasks.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Tasks">The number of tasks, K.</param>
/// <param name="Parameters">Parameters.</param>
/// <param name="StateEntries">Parameters and running statistics.</param>
/// <param name="Backbones">State entries in multiples of those of one backbone.</param>
/// <param name="ExecutedMultiplyAdds">Multiply-adds as executed: what tasks have in common is computed once.</param>
/// <param name="PassesMultiplyAdds">Multiply-adds of one pass for each task, skipped blocks left out.</param>
/// <param name="Published">What is published of it for so many tasks; null for nothing, or for another network or image.</param>
public sealed record MethodCost(
    string Method, string Title, int Tasks, long Parameters, long StateEntries, double Backbones, long ExecutedMultiplyAdds, long PassesMultiplyAdds, PublishedCost? Published)
{
    // Published figures have two decimals.
    private const double Rounding = 0.005;

    /// <summary>By how much the state exceeds what is published, in backbones.</summary>
    public double? BackbonesDifference => Backbones - Published?.Backbones;

    /// <summary>By how much the multiply-adds exceed what is published, in thousand millions.</summary>
    public double? GigaMultiplyAddsDifference => ((Published?.CountsSharedOnce == true ? ExecutedMultiplyAdds : PassesMultiplyAdds) / 1e9) - Published?.GigaMultiplyAdds;

    /// <summary>Whether everything that is published is met within its rounding.</summary>
    public bool MeetsPublished => Math.Abs(BackbonesDifference ?? 0) <= Rounding && Math.Abs(GigaMultiplyAddsDifference ?? 0) <= Rounding;
}
