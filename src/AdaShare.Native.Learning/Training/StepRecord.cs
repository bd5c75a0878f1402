using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Training;

/// <summary>What a training step did.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Step">Steps done in this phase, this one included.</param>
/// <param name="Updates">What moved: <c>weights</c>, or what else a method has, such as <c>policy</c>.</param>
/// <param name="Total">The loss that was minimised.</param>
/// <param name="Losses">Each task's loss by its name, in the order of the tasks, then those that model and method added.</param>
/// <param name="LearningRate">The learning rate of the optimiser's first group: the heads', or the logits' in a policy step.</param>
/// <param name="Images">Images in the batch.</param>
/// <param name="MultiplyAdds">Multiply-adds of the step, see <see cref="PhaseBudget.MultiplyAdds"/>.</param>
/// <param name="Seconds">Wall-clock time of the step, waiting for data included.</param>
/// <param name="PeakBytes">The most bytes of the device that were live at once during the step: parameters, optimiser state, activations, gradients.</param>
public sealed record StepRecord(
    PhaseInfo Phase, long Step, string Updates, double Total, IReadOnlyDictionary<string, double> Losses, double LearningRate, int Images, double MultiplyAdds, double Seconds,
    long PeakBytes)
{
    /// <summary>The name of steps that move weights.</summary>
    public const string Weights = "weights";

    /// <summary>Numbers that only this method's steps have, such as <c>temperature</c>, in the order in which they are shown.</summary>
    public IReadOnlyList<StepDetail> Details { get; init; } = [];

    /// <summary>Passes over the part of the data that it learns from, with this step; of several groups of images the one that is through first.</summary>
    public double Epoch { get; init; }

    /// <summary>The learning rates of the step's optimiser by the names of its groups.</summary>
    public IReadOnlyDictionary<string, double> LearningRates { get; init; } = System.Collections.Immutable.ImmutableDictionary<string, double>.Empty;

    /// <summary>The probability that a task runs a block [task][block] after the step, where a method learns one and the step is logged; else null.</summary>
    public double[][]? Probability { get; init; }
}

/// <summary>A number that only a method's own steps have.</summary>
/// <param name="Name">Its name in logs, in snake case.</param>
/// <param name="Value">Its value.</param>
public readonly record struct StepDetail(string Name, double Value);

/// <summary>A phase of a run by its names in files.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Index">Which of several phases of that name, from 0.</param>
public sealed record PhasePlace(string Phase, int Index);

/// <summary>A phase of a run, for people and files.</summary>
/// <param name="Key">Its name in files, for example <c>warm_up</c>.</param>
/// <param name="Index">Which of several phases of that name, from 0.</param>
/// <param name="Title">Its name for people, for example <c>retrain 2 of 8</c>.</param>
/// <param name="Steps">Steps that it has.</param>
public sealed record PhaseInfo(string Key, int Index, string Title, long Steps)
{
    /// <summary>A phase that makes the final network, or one that it is chosen among or compared with: it has <c>train.retrain_total_iters</c> steps, to which an extension of the run adds.</summary>
    /// <param name="config">The run's configuration.</param>
    /// <param name="key">Its name in files.</param>
    /// <param name="index">Which of several phases of that name, from 0.</param>
    /// <param name="title">Its name for people.</param>
    public static PhaseInfo Final(RunConfig config, string key, int index, string title)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new PhaseInfo(key, index, title, config.Train.FinalSteps) { IsFinal = true };
    }

    /// <summary>Whether it is a <see cref="Final"/> one.</summary>
    public bool IsFinal { get; private init; }

    /// <summary>Its names in files.</summary>
    internal PhasePlace Place => new(Key, Index);

    /// <summary>Whether a step is logged: the first, every so many, and the last.</summary>
    /// <param name="step">Steps done, this one included.</param>
    /// <param name="period">Every how many, at least 1.</param>
    public bool IsLogged(long step, int period) => step == 1 || step == Steps || step % period == 0;
}
