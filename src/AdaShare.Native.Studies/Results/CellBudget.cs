namespace AdaShare.Native.Studies.Results;

/// <summary>What a run spent. Its wall time stands in <see cref="CellTimes"/>.</summary>
/// <param name="Phases">In the order in which they ran; phases that repeat (a retraining for each sampled policy) may be one entry each.</param>
public sealed record CellBudget(IReadOnlyList<PhaseBudget> Phases)
{
    /// <summary>The sum over all phases.</summary>
    public PhaseBudget Total => new(
        "total", Phases.Sum(static phase => phase.WeightSteps), Phases.Sum(static phase => phase.PolicySteps), Phases.Sum(static phase => phase.Images), Phases.Sum(static phase => phase.MultiplyAddsSpent));
}

/// <summary>What a phase spent.</summary>
/// <param name="Phase">Its name.</param>
/// <param name="WeightSteps">Optimiser steps on weights.</param>
/// <param name="PolicySteps">Optimiser steps on a policy.</param>
/// <param name="Images">Images seen, each as often as it was seen.</param>
/// <param name="MultiplyAddsSpent">Multiply-adds of forward and backward passes.</param>
public sealed record PhaseBudget(string Phase, long WeightSteps, long PolicySteps, long Images, double MultiplyAddsSpent)
{
    /// <summary>Steps of both kinds.</summary>
    public long Steps => WeightSteps + PolicySteps;
}
