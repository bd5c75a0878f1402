using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.SingleTask;

/// <summary>
/// Single-task learning: a backbone and a head for each task, which share nothing, in one run. Of every network the best state by its own task's score is kept, as separate runs
/// would; where all tasks have the same images, each network is to the bit that of a run of its task alone.
/// </summary>
public sealed class SingleTaskMethod : Method
{
    /// <inheritdoc/>
    public override string Name => "single_task";

    /// <inheritdoc/>
    public override string Title => "single task";

    /// <inheritdoc/>
    public override string Summary => "a backbone and a head for each task, which share nothing";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "where each task has a backbone of its own, batch norms included";

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } = [new(2, 2), new(3, 3)];

    /// <inheritdoc/>
    public override bool SharesWeights => false;

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new ParallelNetworks(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new SingleTrainingRun(session, new SingleTraining { Parts = [.. session.Config.Tasks.Select(Part)] });
    }

    private static KeptPart Part(string task) => new(task, [task], name => TaskNames.TaskOf(name) == task);
}
