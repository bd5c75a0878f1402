using System.Text.Json.Serialization;

namespace AdaShare.Native.Studies.Results;

/// <summary>What one cell of a study, a method with one seed, came to.</summary>
public sealed record CellResult
{
    /// <summary>The cell's id, which is also its run folder's name.</summary>
    public required string Cell { get; init; }

    /// <summary>The method's registered name.</summary>
    public required string Method { get; init; }

    /// <summary>The method's name in this study.</summary>
    public required string Label { get; init; }

    /// <summary>The grid point, or null where the method has no grid.</summary>
    public string? Variant { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>How its budget was matched: <c>final</c> or <c>total</c>.</summary>
    public string Match { get; init; } = BudgetMatch.Final;

    /// <summary>Metrics on the test part of the network that the run ended with; empty where it failed.</summary>
    public MetricValues Metrics { get; init; } = [];

    /// <summary>The score on the validation part that selections go by, higher is better; null where the run has none.</summary>
    public double? ValidationScore { get; init; }

    /// <summary>What it spent.</summary>
    public CellBudget Budget { get; init; } = new([]);

    /// <summary>Optimiser steps on the weights of the final network, from fresh weights to the end.</summary>
    public long FinalSteps { get; init; }

    /// <summary>What the final network costs; null where the run failed.</summary>
    public ModelCost? Cost { get; init; }

    /// <summary>The most memory that training held at one time, in bytes; null where it was not measured.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>For a method that samples several policies of one search: each of them. Else empty.</summary>
    public IReadOnlyList<SampledPolicy> Policies { get; init; } = [];

    /// <summary>For such a method: metrics of the most likely policy; null where it was not trained.</summary>
    public MetricValues? ArgMax { get; init; }

    /// <summary>Where it ran.</summary>
    public CellProvenance? Provenance { get; init; }

    /// <summary>Why it failed, one sentence; null where it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>Everything measured with a clock, apart from the rest, because it differs between equal runs.</summary>
    public CellTimes? Times { get; init; }

    /// <summary>
    /// What can't be in a result that a study has written; null where nothing is. Reading refuses members that are null, but neither what is null within a list nor members that are missing, which
    /// are null then, whatever they begin with.
    /// </summary>
    internal string? Fault()
    {
        static bool Lacks(MetricValues? values) => values?.Values.Any(static ofTask => ofTask is null) == true;
        return Metrics is null || Lacks(Metrics) || Lacks(ArgMax) ? "a task has no metrics"
            : Match is null ? "it has no match"
            : Budget is null || Budget.Phases.Any(static phase => phase is null) ? "a phase has no budget"
            : Policies is null || Policies.Any(static policy => policy is null || Lacks(policy.Metrics)) ? "a sampled policy has no metrics"
            : null;
    }
}

/// <summary>A policy that was sampled and trained.</summary>
/// <param name="Metrics">Its network's metrics on the test part.</param>
/// <param name="Score">Its score on the validation part; null where it has none.</param>
/// <param name="Selected">Whether the run's result is this one.</param>
public sealed record SampledPolicy(MetricValues Metrics, double? Score, bool Selected);

/// <summary>What a network costs in use.</summary>
/// <param name="BackboneParameters">Parameters of all backbones, gates and units between them included.</param>
/// <param name="HeadParameters">Parameters of all heads.</param>
/// <param name="MultiplyAddsAsExecuted">Multiply-adds for all tasks as they are executed, over one image or one of each group of tasks with images of its own: what tasks share is computed once.</param>
/// <param name="MultiplyAddsKPasses">The same as K separate passes, one a task: the paper's count.</param>
/// <param name="Height">Rows of the image that both are for.</param>
/// <param name="Width">Its columns.</param>
public sealed record ModelCost(double BackboneParameters, double HeadParameters, double MultiplyAddsAsExecuted, double MultiplyAddsKPasses, int Height, int Width)
{
    /// <summary>The number of images that the multiply-adds are of, where tasks have images of their own; null where one image serves all tasks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Images { get; init; }
}

/// <summary>Where a cell ran.</summary>
/// <param name="Version">The program's version.</param>
/// <param name="Commit">The commit that it was built from, or <c>unknown</c>.</param>
/// <param name="Device">The device, best by the name of its kind: which of two equal GPUs it was decides nothing.</param>
/// <param name="Numerics">How it rounded: <c>exact</c>, <c>fast</c> or <c>bfloat16</c>.</param>
public sealed record CellProvenance(string Version, string Commit, string Device, string Numerics);

/// <summary>What was measured with a clock.</summary>
/// <param name="TrainSeconds">Wall time of training over all starts of the run.</param>
/// <param name="LatencyMilliseconds">Wall time of the prediction of one image for all tasks; null where it was not measured.</param>
/// <param name="PhaseSeconds">Wall time by phase; null where it was not measured.</param>
public sealed record CellTimes(double TrainSeconds, double? LatencyMilliseconds = null, IReadOnlyDictionary<string, double>? PhaseSeconds = null);
