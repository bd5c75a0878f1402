using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>What a weighting has learnt in a phase, for the run state.</summary>
public sealed class WeightingState
{
    /// <summary>Steps that it has weighed.</summary>
    public long Steps { get; set; }

    /// <summary>Numbers by name.</summary>
    public Dictionary<string, double[]> Learnt { get; set; } = [];
}

/// <summary>What a step's weights came from: what the weighting saw and what it gave.</summary>
/// <param name="Factors">A factor for each task, on its loss times lambda, or on what that sends into shared weights.</param>
/// <param name="View">What was known when they were chosen.</param>
/// <param name="After">The losses of the same batch after the update, times lambda; null where nobody asked.</param>
public sealed record StepWeights(double[] Factors, WeightingView View, double[]? After);

/// <summary>A weighting in a phase: the steps that it has weighed, and what it has learnt.</summary>
/// <param name="weighting">The weighting.</param>
public sealed class WeightingRun(Weighting weighting)
{
    /// <summary>The weighting.</summary>
    public Weighting Weighting => weighting;

    /// <summary>Steps that it has weighed.</summary>
    public long Steps { get; private set; }

    /// <summary>Begins a phase, or goes on with it.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="setting">What the weighting is made for.</param>
    /// <param name="state">What it had learnt; null at the start.</param>
    /// <returns>Null where the lambdas stand as they are.</returns>
    /// <exception cref="CheckpointException">The state is of another weighting.</exception>
    public static WeightingRun? Begin(RunConfig config, WeightingSetting setting, WeightingState? state)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (WeightingRegistry.Create(config, setting) is not { } weighting)
        {
            return null;
        }

        var run = new WeightingRun(weighting);
        if (state is not null)
        {
            try
            {
                weighting.Load(state.Learnt);
            }
            catch (FormatException error)
            {
                throw new CheckpointException($"what the run state says of the weighting {config.Weighting.Method} is damaged ({error.Message}); restore the file from a copy", error);
            }

            run.Steps = state.Steps;
        }

        return run;
    }

    /// <summary>Learns from a step that is done.</summary>
    /// <param name="weights">Its weights.</param>
    /// <param name="losses">Its losses, times lambda.</param>
    public void Learn(StepWeights weights, double[] losses)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weighting.Learn(weights.View with { Losses = losses }, weights.After);
        Steps++;
    }

    /// <summary>What it has learnt.</summary>
    public WeightingState Save() => new() { Steps = Steps, Learnt = weighting.Save() };
}

/// <summary>The weights of the tasks in the steps of a phase.</summary>
public sealed class PhaseWeights
{
    /// <summary>The steps.</summary>
    public long Steps { get; set; }

    /// <summary>Each task's mean factor, by the task's name.</summary>
    public Dictionary<string, double> Mean { get; set; } = [];

    /// <summary>Its factor in the last step.</summary>
    public Dictionary<string, double> Last { get; set; } = [];

    /// <summary>Adds a step.</summary>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="factors">Their factors.</param>
    public void Add(IReadOnlyList<string> tasks, IReadOnlyList<double> factors)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(factors);
        Steps++;
        for (int t = 0; t < tasks.Count; t++)
        {
            double mean = Mean.GetValueOrDefault(tasks[t]);
            Mean[tasks[t]] = mean + ((factors[t] - mean) / Steps);
            Last[tasks[t]] = factors[t];
        }
    }
}
