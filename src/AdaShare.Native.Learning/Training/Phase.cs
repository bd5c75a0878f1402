using System.Diagnostics;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Training;

/// <summary>A phase of a run: its optimisers, its data, what a step does, and what its end leaves.</summary>
/// <param name="session">The run.</param>
/// <param name="info">Which phase.</param>
public abstract class Phase(TrainingSession session, PhaseInfo info) : IDisposable
{
    // Steps under gates of one signature do the same work. Random gates are seldom the same twice, so only the last are remembered.
    private (string Gates, long MultiplyAdds) _forwardCost = ("", 0), _weightingCost = ("", 0);

    /// <summary>Which phase.</summary>
    public PhaseInfo Info { get; } = info;

    /// <summary>The optimisers by the names that they have in checkpoints.</summary>
    public abstract IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    /// <summary>The run.</summary>
    protected TrainingSession Session { get; } = session;

    /// <summary>Runs the step after <paramref name="done"/> steps.</summary>
    public abstract StepRecord Run(long done);

    /// <summary>Validates and keeps the best, where that is due after so many steps and the run has a validation part.</summary>
    public abstract void AfterStep(long done, CancellationToken stop);

    /// <summary>Measures and writes what the phase has made, and moves the run's state to the next phase.</summary>
    public abstract void Finish(CancellationToken stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns what the phase holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Takes a batch, runs the training step over it, and reads its losses.</summary>
    /// <param name="done">Steps done before.</param>
    /// <param name="loader">Where the batch comes from.</param>
    /// <param name="plan">How the step is made.</param>
    /// <param name="updates">What moves.</param>
    /// <exception cref="AdaShareException">The loss is not a number: training diverged.</exception>
    protected StepRecord Train(long done, TrainingLoader loader, StepPlan plan, string updates = StepRecord.Weights)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(plan);
        long start = Stopwatch.GetTimestamp();
        IModel model = Session.Model;
        model.Backend.ResetPeak();
        using TrainingBatch batch = loader.Next();
        using var step = new Step(model.Backend);
        StepLosses losses = TrainingStep.Run(step, model, batch, plan);
        using SectionScope reading = step.Backend.EnterSection(StepSections.Loss);
        var values = new Dictionary<string, double>();
        for (int t = 0; t < losses.OfTasks.Count; t++)
        {
            values[model.Tasks[t].Name] = losses.OfTasks[t].Item();
        }

        foreach (WeightedLoss extra in losses.Extra)
        {
            // Each group of images may have its own.
            double value = extra.Loss.Item();
            values[extra.Name] = values.TryGetValue(extra.Name, out double before) ? before + value : value;
        }

        double sum = losses.Total.Item();
        if (!double.IsFinite(sum))
        {
            throw Diverged(done + 1, sum, values);
        }

        var rates = plan.Optimizer.Groups.ToDictionary(static group => group.Parameters.Name, static group => group.LearningRate);
        IReadOnlyList<StepDetail> weights = plan.Weighting is { } weighting ? Weighed(weighting, losses, values) : [];
        double cost = Spent(updates, plan, losses.Gates, batch) + WeightingCostOf(plan, losses.Gates, batch);
        return new StepRecord(
            Info, done + 1, updates, sum, values, plan.Optimizer.Groups[0].LearningRate, batch.Images, cost, Stopwatch.GetElapsedTime(start).TotalSeconds, model.Backend.Memory.PeakBytes)
        {
            Details = weights,
            Epoch = loader.Epoch,
            LearningRates = rates,
        };
    }

    /// <summary>The weighting of the phase, from its start or from where the run stands; null where the lambdas stand as they are.</summary>
    /// <param name="seed">The seed of what is random in it.</param>
    /// <param name="stepsPerEpoch">Steps in which each image is seen about once.</param>
    protected WeightingRun? BeginWeighting(ulong seed, long stepsPerEpoch)
    {
        RunState state = Session.State;
        return WeightingRun.Begin(Session.Config, new WeightingSetting(Session.Tasks.Count, seed, Math.Max(1, stepsPerEpoch)), state.Step == 0 ? null : state.Weighting);
    }

    /// <summary>Keeps the model under a name if its score is the best so far in the phase. A score that is not a number never is.</summary>
    /// <param name="metrics">A validation.</param>
    /// <param name="done">Steps done.</param>
    /// <param name="checkpoint">The name of the checkpoint.</param>
    /// <param name="part">The part of the model, scored by its own tasks; the whole model if null.</param>
    /// <param name="gates">The gates that the network is used under; null where nothing says.</param>
    protected void KeepBest(MetricTable metrics, long done, string checkpoint, KeptPart? part = null, GateTable? gates = null)
    {
        part ??= KeptPart.Whole;
        double score = Score(metrics, part);
        if (double.IsFinite(score) && (!Session.State.Best.TryGetValue(part.Name, out BestSoFar? best) || score > best.Score))
        {
            Session.State.Best[part.Name] = new BestSoFar(score, done);
            CheckpointStore.SaveModel(Session, checkpoint, part.Owns, gates);
        }
    }

    /// <summary>Remembers a validation of a phase whose last network is its result, so that the result has a score by which it can be chosen among others.</summary>
    /// <param name="metrics">The validation.</param>
    /// <param name="done">Steps done.</param>
    protected void KeepLastScore(MetricTable metrics, long done)
    {
        double score = Score(metrics, KeptPart.Whole);
        if (double.IsFinite(score))
        {
            Session.State.Best[KeptPart.Whole.Name] = new BestSoFar(score, done);
        }
        else
        {
            Session.State.Best.Remove(KeptPart.Whole.Name);
        }
    }

    /// <summary>The best validation of the phase so far, or null.</summary>
    protected BestSoFar? Best => Session.State.Best.GetValueOrDefault(KeptPart.Whole.Name);

    /// <summary>Whether something that happens every so many steps, and at the end, is due.</summary>
    protected bool Due(long done, int period) => done == Info.Steps || (period > 0 && done % period == 0);

    /// <summary>Whether the step after so many is one that is logged: the first, every so many, and the last.</summary>
    protected bool IsLogged(long done) => Info.IsLogged(done + 1, Session.Config.Train.PrintFreq);

    /// <summary>Moves the run's state to the start of a phase.</summary>
    /// <param name="phase">Its name, or <see cref="RunState.Done"/>.</param>
    /// <param name="index">Which of several of that name.</param>
    protected void MoveTo(string phase, int index = 0)
    {
        RunState state = Session.State;
        state.Phase = phase;
        state.Index = index;
        state.Step = 0;
        state.Best = [];
        state.Weighting = null;
    }

    /// <summary>Lets a weighting learn from a step, and keeps what it has learnt and its weights in the run's state.</summary>
    private StepDetail[] Weighed(WeightingRun weighting, StepLosses losses, Dictionary<string, double> values)
    {
        StepWeights weights = losses.Weights ?? throw new InvalidOperationException("a step under a weighting has weights");
        IReadOnlyList<TaskSpec> tasks = Session.Tasks;
        weighting.Learn(weights, [.. tasks.Select(task => task.Lambda * values[task.Name])]);
        RunState state = Session.State;
        state.Weighting = weighting.Save();
        state.Weights ??= [];
        if (!state.Weights.TryGetValue(Info.Key, out PhaseWeights? ofPhase))
        {
            state.Weights[Info.Key] = ofPhase = new PhaseWeights();
        }

        ofPhase.Add([.. tasks.Select(static task => task.Name)], weights.Factors);
        return [.. tasks.Select((task, t) => new StepDetail($"weight_{task.Name}", weights.Factors[t]))];
    }

    private long WeightingCostOf(StepPlan plan, GateTable gates, TrainingBatch batch)
    {
        if (plan.Weighting is { } weighting && _weightingCost.Gates != gates.Signature)
        {
            _weightingCost = (gates.Signature, WeightingCost.Of(weighting.Weighting, Session.Model, gates, batch));
        }

        return plan.Weighting is null ? 0 : _weightingCost.MultiplyAdds;
    }

    private double Score(MetricTable metrics, KeptPart part)
    {
        TaskSpec[] tasks = [.. Session.Tasks.Where(task => part.Tasks.Count == 0 || part.Tasks.Contains(task.Name))];
        return SelectionScore.Of(metrics, MetricTables.From(Session.State.Reference), tasks);
    }

    private double Spent(string updates, StepPlan plan, GateTable gates, TrainingBatch batch)
    {
        double spent = PhaseBudget.Factor(updates) * ForwardCost(gates, batch);
        return plan.RewardPasses == 0 ? spent : spent + ((double)plan.RewardPasses * ForwardCost(GateTable.Shared, batch));
    }

    private long ForwardCost(GateTable gates, TrainingBatch batch)
    {
        string signature = gates.Signature;
        if (gates.IsDecided || _forwardCost.Gates != signature)
        {
            // The groups of a run's batches are the same in every step.
            long cost = batch.Groups.Sum(group => group.Data.Shape.Count * Session.Model.MultiplyAdds(gates, group.Tasks, group.Data.Shape.Height, group.Data.Shape.Width));
            _forwardCost = (signature, cost);
        }

        return _forwardCost.MultiplyAdds;
    }

    private AdaShareException Diverged(long step, double sum, Dictionary<string, double> losses)
    {
        string[] lost = [.. losses.Where(static loss => !double.IsFinite(loss.Value)).Select(static loss => loss.Key)];
        string where = lost.Length > 0 ? $" ({string.Join(", ", lost)})" : "";
        return new AdaShareException(
            $"the loss is {sum}{where} after step {step} of {Info.Title}: training diverged; lower train.lr ({Session.Config.Train.Lr}) or train.backbone_lr ({Session.Config.Train.BackboneLr}) and start again");
    }
}
