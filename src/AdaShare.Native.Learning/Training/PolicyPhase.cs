using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Training;

/// <summary>What a phase does that trains what is no weight, such as a network that decides.</summary>
public sealed record PolicyPlan
{
    /// <summary>The seed of data order and draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The name of the data order, and of the steps.</summary>
    public required string Order { get; init; }

    /// <summary>The part of the training set that it learns from.</summary>
    public Split Part { get; init; } = Split.Train;

    /// <summary>The checkpoint under which the last state is kept.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>Gives the step after so many its gates and losses.</summary>
    public required Func<StepPlan, long, StepPlan> Prepare { get; init; }

    /// <summary>Numbers of the step after so many, for the log; none if null.</summary>
    public Func<long, IReadOnlyList<StepDetail>>? Details { get; init; }

    /// <summary>The gates of validation.</summary>
    public GateTable EvaluationGates { get; init; } = GateTable.Decided;

    /// <summary>Takes over what has been learnt, and says the phase that comes next, with its index.</summary>
    public required Func<(string Phase, int Index)> Finish { get; init; }
}

/// <summary>Training of what is no weight, with the weights frozen: Adam over all groups that the weights' optimiser does not move. The last state is the result.</summary>
public sealed class PolicyPhase : Phase
{
    private const string Policy = "policy";

    private readonly PolicyPlan _plan;
    private readonly TrainingLoader _loader;
    private readonly Adam _policy;

    /// <summary>Starts the phase, or goes on with it.</summary>
    /// <param name="session">The run.</param>
    /// <param name="info">Which phase.</param>
    /// <param name="plan">What it does.</param>
    public PolicyPhase(TrainingSession session, PhaseInfo info, PolicyPlan plan)
        : base(session, info)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        WeightOptimizers.Train(session.Model, weights: false);
        _policy = new Adam(
            session.Model.Store, [.. WeightOptimizers.Elsewhere(session.Model).Select(group => new OptimizerGroup(group, plan.Rate))],
            [.. session.Model.WeightGroups.Select(static group => group.Parameters)]);
        _loader = session.Loader(plan.Part, plan.Seed, plan.Order, session.State.Step);
        Optimizers = new Dictionary<string, Optimizer> { [Policy] = _policy };
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    /// <inheritdoc/>
    public override StepRecord Run(long done)
    {
        StepRecord record = Train(done, _loader, _plan.Prepare(new StepPlan(_plan.Order, _policy, _plan.Seed, done), done), Policy);
        return _plan.Details is null ? record : record with { Details = _plan.Details(done) };
    }

    /// <inheritdoc/>
    public override void AfterStep(long done, CancellationToken stop)
    {
        if (Session.HasValidation && Due(done, Session.Config.Train.ValFreq))
        {
            MetricTable metrics = Session.Validate(Info, _plan.EvaluationGates, stop);
            KeepLastScore(metrics, done);
        }
    }

    /// <inheritdoc/>
    public override void Finish(CancellationToken stop)
    {
        (string phase, int index) = _plan.Finish();
        CheckpointStore.SaveModel(Session, _plan.Checkpoint);
        MoveTo(phase, index);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loader.Dispose();
            _policy.Dispose();
        }
    }
}
