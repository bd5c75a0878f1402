namespace AdaShare.Native.Learning.Models;

/// <summary>What all of a network but its heads costs, for one image and some tasks; see <see cref="ModelCost"/> for the units.</summary>
/// <param name="Parameters">Parameters, with whatever connects backbones.</param>
/// <param name="UsedParameters">Parameters of the parts that at least one task runs.</param>
/// <param name="Executed">Multiply-adds as executed: what tasks have in common is computed once.</param>
/// <param name="Passes">Multiply-adds of one pass for each task, skipped blocks left out.</param>
/// <param name="Full">Multiply-adds of one pass for each task through every block of a single backbone.</param>
public sealed record BackboneCost(long Parameters, long UsedParameters, long Executed, long Passes, long Full);
