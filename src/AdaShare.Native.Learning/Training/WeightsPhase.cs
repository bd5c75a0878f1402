using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Training;

/// <summary>What a phase that trains weights does beside training.</summary>
public sealed record WeightsPlan
{
    /// <summary>The seed of weights, data order and dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The name of the data order; other names give other orders.</summary>
    public required string Order { get; init; }

    /// <summary>The checkpoint under which the best network is kept, or the last where nothing is chosen.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>
    /// The gates of the step after so many steps, which may differ from step to step; shared by all tasks if null. A step that is made again, when a run goes on, must get the
    /// same ones.
    /// </summary>
    public Func<long, GateTable>? Gates { get; init; }

    /// <summary>Losses of the predictions, see <see cref="StepPlan.Rewards"/>, for the step after so many; none if null.</summary>
    public Func<long, Func<Step, GroupPass, IReadOnlyList<WeightedLoss>>>? Rewards { get; init; }

    /// <summary>See <see cref="StepPlan.RewardPasses"/>.</summary>
    public int RewardPasses { get; init; }

    /// <summary>The gates of validation and test; shared by all tasks if absent.</summary>
    public GateTable EvaluationGates { get; init; } = GateTable.Shared;

    /// <summary>Whether the best network on the validation part, where the run has one, is the result; otherwise that of the last step.</summary>
    public bool KeepsBest { get; init; } = true;

    /// <summary>Parts of the model that are chosen by themselves, each by the score of its own tasks; the whole model at once if empty.</summary>
    public IReadOnlyList<KeptPart> Parts { get; init; } = [];

    /// <summary>Sets the weights at the start; null where they stay as they are.</summary>
    public Action? Start { get; init; }

    /// <summary>Takes the result, and says the phase that comes next, with its index.</summary>
    public required Func<TestResult, (string Phase, int Index)> Finish { get; init; }
}

/// <summary>A part of a model whose best state is kept by itself, because it shares nothing with the other parts.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Tasks">The names of the tasks that it serves.</param>
/// <param name="Owns">Whether a parameter, buffer or counter of a name belongs to it.</param>
public sealed record KeptPart(string Name, IReadOnlyList<string> Tasks, Func<string, bool> Owns)
{
    /// <summary>The whole model.</summary>
    internal static KeptPart Whole { get; } = new("", [], static _ => true);
}

/// <summary>Training of weights: Adam over the whole training set, under fixed gates or none.</summary>
public sealed class WeightsPhase : Phase
{
    private readonly WeightsPlan _plan;
    private readonly TrainingLoader _loader;
    private readonly Adam _weights;
    private readonly StepSchedule _schedule;
    private readonly IReadOnlyList<KeptPart> _parts;
    private readonly WeightingRun? _weighting;
    private readonly bool _keepsBest;

    /// <summary>Starts the phase, or goes on with it.</summary>
    /// <param name="session">The run.</param>
    /// <param name="info">Which phase.</param>
    /// <param name="plan">What it does.</param>
    public WeightsPhase(TrainingSession session, PhaseInfo info, WeightsPlan plan)
        : base(session, info)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _keepsBest = plan.KeepsBest && session.HasValidation;
        _parts = plan.Parts.Count > 0 ? plan.Parts : [KeptPart.Whole];
        if (session.State.Step == 0)
        {
            plan.Start?.Invoke();
        }

        TrainConfig train = session.Config.Train;
        WeightOptimizers.Train(session.Model, weights: true);
        _weights = WeightOptimizers.Adam(session.Model, train);
        _schedule = new StepSchedule(_weights, train.DecayLrFreq, train.DecayLrRate);
        _loader = session.Loader(Split.Train, plan.Seed, plan.Order, session.State.Step);
        _weighting = BeginWeighting(plan.Seed, _loader.StepsPerEpoch);
        Optimizers = new Dictionary<string, Optimizer> { ["weights"] = _weights };
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    /// <inheritdoc/>
    public override StepRecord Run(long done)
    {
        // Under other gates a step is other work, so they are part of its key.
        GateTable gates = _plan.Gates?.Invoke(done) ?? GateTable.Shared;
        return Train(done, _loader, new StepPlan($"{_plan.Order}/{gates.Signature}", _weights, _plan.Seed, done)
        {
            Schedule = _schedule,
            Gates = _ => gates,
            Rewards = _plan.Rewards?.Invoke(done),
            RewardPasses = _plan.RewardPasses,
            Weighting = _weighting,
        });
    }

    /// <inheritdoc/>
    public override void AfterStep(long done, CancellationToken stop)
    {
        if (Session.HasValidation && Due(done, Session.Config.Train.ValFreq))
        {
            Metrics.MetricTable metrics = Session.Validate(Info, _plan.EvaluationGates, stop);
            if (!_keepsBest)
            {
                KeepLastScore(metrics, done);
                return;
            }

            foreach (KeptPart part in _parts)
            {
                KeepBest(metrics, done, CheckpointOf(part), part, _plan.EvaluationGates);
            }
        }
    }

    /// <inheritdoc/>
    public override void Finish(CancellationToken stop)
    {
        BestSoFar? measured = _keepsBest ? LoadBest() : Best;
        if (!_keepsBest || _plan.Parts.Count > 0)
        {
            CheckpointStore.SaveModel(Session, _plan.Checkpoint, gates: _plan.EvaluationGates);
        }

        (string phase, int index) = _plan.Finish(Session.Test(_plan.EvaluationGates, measured, stop));
        MoveTo(phase, index);
    }

    /// <summary>Brings the best state of every part together; its step is the last of theirs, its score their mean.</summary>
    private BestSoFar LoadBest()
    {
        var best = new List<BestSoFar>();
        foreach (KeptPart part in _parts)
        {
            best.Add(Session.State.Best.GetValueOrDefault(part.Name)
                ?? throw new AdaShareException($"no validation of {Info.Title} gave a score that is a number{(part.Name.Length > 0 ? $" for {part.Name}" : "")}, so no network can be chosen: training diverged, or the validation part has no labels; lower train.lr or look at the validations in {Session.Folder.Log}"));
            CheckpointStore.LoadModel(Session, CheckpointOf(part), CheckpointStore.RestartRemedy(Session, $"the best network of {Info.Title}"), part.Owns);
        }

        return new BestSoFar(best.Average(static b => b.Score), best.Max(static b => b.Step));
    }

    private string CheckpointOf(KeptPart part) => part.Name.Length == 0 ? _plan.Checkpoint : $"{_plan.Checkpoint}_{part.Name}";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loader.Dispose();
            _weights.Dispose();
        }
    }
}
