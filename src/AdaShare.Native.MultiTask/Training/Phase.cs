using System.Diagnostics;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Losses;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>A phase of a run: its optimisers, its data, and what a step does.</summary>
internal abstract class Phase(TrainingSession session, RunPhase kind, long steps) : IDisposable
{
    /// <summary>Which phase.</summary>
    public RunPhase Kind { get; } = kind;

    /// <summary>Steps that it has.</summary>
    public long Steps { get; } = steps;

    /// <summary>The optimisers by the names that they have in checkpoints.</summary>
    public abstract IReadOnlyDictionary<string, Optimizer> Optimizers { get; }

    protected TrainingSession Session { get; } = session;

    /// <summary>Runs the step after <paramref name="done"/> steps.</summary>
    public abstract StepRecord Run(long done);

    /// <summary>Validates and keeps the best, where that is due after so many steps.</summary>
    public abstract void AfterStep(long done, CancellationToken stop);

    /// <summary>Measures and writes what the phase has made, and moves the run's state to the next phase.</summary>
    public abstract void Finish(CancellationToken stop);

    public abstract void Dispose();

    /// <summary>Forward, losses, backward and update over one batch.</summary>
    /// <param name="key">Names the steps that do the same work, see <see cref="Engine.Backends.IStepCapture"/>.</param>
    /// <param name="done">Steps done before.</param>
    /// <param name="loader">Where the batch comes from.</param>
    /// <param name="optimizer">Which parameters move.</param>
    /// <param name="schedule">Their learning rate, or null for a constant one.</param>
    /// <param name="seed">The seed of dropout.</param>
    /// <param name="gates">The gates of the step, or null where all blocks run.</param>
    /// <param name="regularizers">Adds losses by name and weight, or null.</param>
    protected StepRecord Train(
        string key, long done, BatchLoader loader, Optimizer optimizer, StepSchedule? schedule, ulong seed,
        Func<Step, IReadOnlyList<IReadOnlyList<Gate>>>? gates, Func<Step, IReadOnlyList<(string Name, double Weight, Tensor Loss)>>? regularizers = null)
    {
        long start = Stopwatch.GetTimestamp();
        Session.Network.Backend.ResetPeak();
        using Batch batch = loader.Next();
        using var step = new Step(Session.Network.Backend);
        var losses = new List<(string Name, Tensor Loss)>();
        Tensor total = null!;

        // Whatever reads a result comes after this, so that a device can have the whole step done in one piece.
        step.Backend.RunStep(key, () =>
        {
            Tensor images = NetworkInput.Of(step, batch, DType.Float32);
            IReadOnlyList<Tensor> outputs = Session.Network.Forward(step, images, gates?.Invoke(step), training: true, seed, done);
            IReadOnlyList<Tensor> ofTasks = TaskLosses.Of(step, Session.Tasks, outputs, batch);
            total = TaskLosses.Total(step, Session.Tasks, ofTasks);
            foreach ((string name, double weight, Tensor loss) in regularizers?.Invoke(step) ?? [])
            {
                losses.Add((name, step.Keep(loss)));
                total = TaskLosses.Add(step, total, loss, weight);
            }

            losses.AddRange(ofTasks.Select((loss, t) => (Session.Tasks[t].Name, loss)));
            schedule?.Apply();
            optimizer.BackwardAndStep(step, total);
        });
        using SectionScope reading = step.Backend.EnterSection(StepSections.Loss);
        var values = losses.ToDictionary(static loss => loss.Name, static loss => loss.Loss.Item());
        double sum = total.Item();
        return double.IsFinite(sum)
            ? new StepRecord(
                Kind, Session.State.Policy, done + 1, Steps, UpdatesPolicy: false, sum, values, null, null,
                optimizer.Groups[0].LearningRate, batch.Shape.Count, Stopwatch.GetElapsedTime(start).TotalSeconds, Session.Network.Backend.Memory.PeakBytes)
            : throw new AdaShareException(
                $"the loss is {sum} after step {done + 1} of {Kind}: training diverged; lower train.lr ({Session.Config.Train.Lr}) or train.backbone_lr ({Session.Config.Train.BackboneLr}) " +
                "and start again; the last checkpoint is intact");
    }

    /// <summary>Keeps the model under a name if its score is the best so far in the phase.</summary>
    protected void KeepBest(MetricTable metrics, long done, string checkpoint)
    {
        double score = SelectionScore.Of(metrics, MetricTables.From(Session.State.Reference));
        if (Session.State.BestScore is not { } best || score > best)
        {
            Session.State.BestScore = score;
            Session.State.BestStep = done;
            CheckpointStore.SaveModel(Session, checkpoint);
        }
    }

    /// <summary>Whether something that happens every so many steps, and at the end, is due.</summary>
    protected bool Due(long done, int period) => done == Steps || (period > 0 && done % period == 0);

    /// <summary>Moves the run's state to the start of a phase.</summary>
    protected void MoveTo(RunPhase phase, int policy = 0)
    {
        RunState state = Session.State;
        state.Phase = phase;
        state.Policy = policy;
        state.Step = 0;
        state.BestScore = null;
        state.BestStep = 0;
        state.LastValidation = 0;
    }
}
