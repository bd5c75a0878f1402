namespace AdaShare.Native.Learning.Weightings;

/// <summary>What a weighting must know of a step before it can weigh: the more, the dearer.</summary>
public enum WeightingNeeds
{
    /// <summary>Nothing: the weights are there when the step begins.</summary>
    Nothing,

    /// <summary>The losses of the step, between its forward and its backward pass.</summary>
    Losses,

    /// <summary>Losses, and the inner products of the tasks' gradients at the last layer that all tasks share: a forward pass and the end of a backward pass more.</summary>
    LastLayer,

    /// <summary>Losses, and the inner products of the tasks' gradients over all shared weights: a forward pass and a backward pass a task more.</summary>
    SharedWeights,
}

/// <summary>What a weighting sees of a step.</summary>
/// <param name="Step">Steps done in the phase before.</param>
/// <param name="Losses">Each task's loss, times its lambda; empty where nothing is needed.</param>
/// <param name="Gram">[K, K], the inner products of the gradients of these losses, symmetric; null where they are not needed.</param>
public sealed record WeightingView(long Step, double[] Losses, double[,]? Gram = null);

/// <summary>
/// Weighs the losses of tasks against one another, step by step, in double precision on the host. It sees losses that are already multiplied by the configuration's lambdas, and gives a factor for each; what it has
/// learnt is a few numbers, which a run saves with its state.
/// </summary>
/// <param name="tasks">The number of tasks, K, at least 1.</param>
public abstract class Weighting(int tasks)
{
    /// <summary>The number of tasks, K.</summary>
    public int Tasks { get; } = tasks;

    /// <summary>What it must know of a step.</summary>
    public virtual WeightingNeeds Needs => WeightingNeeds.Nothing;

    /// <summary>
    /// Whether the factors are for shared weights alone: what belongs to a task, such as its head, then learns from its own loss with factor 1. So it is where factors may be 0 or negative.
    /// </summary>
    public virtual bool WeighsSharedOnly => Needs == WeightingNeeds.SharedWeights;

    /// <summary>Whether it learns from what the losses of the same batch are after the update: a forward pass more.</summary>
    public virtual bool LearnsFromUpdate => false;

    /// <summary>The factors of a step, one for each task.</summary>
    /// <param name="view">The step.</param>
    public abstract double[] Weigh(WeightingView view);

    /// <summary>Learns from a step that is done.</summary>
    /// <param name="view">The step, with its losses whatever the needs.</param>
    /// <param name="after">The losses of the same batch after the update, times lambda; null unless <see cref="LearnsFromUpdate"/>.</param>
    public virtual void Learn(WeightingView view, double[]? after)
    {
        // Most are functions of the step alone.
    }

    /// <summary>What has been learnt, by name; empty for nothing.</summary>
    public virtual Dictionary<string, double[]> Save() => [];

    /// <summary>Takes back what <see cref="Save"/> gave.</summary>
    /// <param name="state">The numbers by name.</param>
    /// <exception cref="FormatException">Something is missing, or of another length.</exception>
    public virtual void Load(IReadOnlyDictionary<string, double[]> state)
    {
        // Nothing has been learnt.
    }

    /// <summary>Numbers of a saved state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="name">Their name.</param>
    /// <param name="count">How many there must be.</param>
    /// <exception cref="FormatException">They are missing, or there are more or fewer.</exception>
    protected static double[] Numbers(IReadOnlyDictionary<string, double[]> state, string name, int count)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.TryGetValue(name, out double[]? numbers) && numbers?.Length == count
            ? [.. numbers]
            : throw new FormatException($"it has no {count} numbers called {name}");
    }
}

/// <summary>What a weighting is made for.</summary>
/// <param name="Tasks">The number of tasks, K.</param>
/// <param name="Seed">The seed of what is random.</param>
/// <param name="StepsPerEpoch">Steps in which each image is seen about once, at least 1.</param>
public sealed record WeightingSetting(int Tasks, ulong Seed, long StepsPerEpoch);
