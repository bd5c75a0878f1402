using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>Runs a method's phases one after another, from the start or from the run folder's last checkpoint.</summary>
public static class Trainer
{
    /// <summary>Trains to the end and writes log, checkpoints and metrics into the run folder.</summary>
    /// <param name="method">The method; its name is the configuration's.</param>
    /// <param name="config">A valid configuration.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="folder">Where files go.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="resume">Whether to go on from the folder's last checkpoint; from the beginning if the run was stopped before the first.</param>
    /// <param name="stop">Asks to stop after the step that is under way; a checkpoint is written first.</param>
    /// <returns>What was written to metrics.json.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    /// <exception cref="AdaShareException">Configuration, data or a file is at fault; earlier checkpoints are intact.</exception>
    public static MetricsFile Run(
        IMethod method, RunConfig config, Backend backend, IDataset dataset, RunFolder folder, IRunObserver observer, bool resume, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(observer);
        CheckData(dataset, TaskSpec.Of(config));
        RunState? saved = resume ? CheckpointStore.ReadState(folder) : null;
        if (resume && saved is null)
        {
            observer.Notice("the run was stopped before its first checkpoint: it starts from the beginning");
        }

        using var session = new TrainingSession(config, method.Build(config, backend), dataset, folder, observer, saved ?? new RunState());
        IMethodRun run = method.Begin(session);
        session.MethodState = run.Save;
        if (saved is null)
        {
            session.Model.Store.Initialize(session.Seed);
            session.State.Phase = run.FirstPhase;
            session.State.Reference = TrivialPredictors.Evaluate(session.Tasks, dataset, Split.Validation, config.Train.ValBatches * config.Train.BatchSize, session.DecodesNormals).Copy();
        }

        bool restore = saved is not null, first = saved is null;
        while (session.State.Phase != RunState.Done)
        {
            using Phase phase = run.Create();
            if (restore)
            {
                CheckpointStore.LoadLatest(session, phase.Optimizers);
                restore = false;
            }
            else if (!first)
            {
                // A phase keeps what the one before has found. The first has nothing to lose: a run without a checkpoint starts from its seed.
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }

            first = false;
            RunToEnd(session, phase, stop);
            phase.Finish(stop);
        }

        MetricsFile results = RunResults.Write(session, method, run.Finish());
        CheckpointStore.SaveLatest(session, new Dictionary<string, Optimizer>());
        return results;
    }

    private static void RunToEnd(TrainingSession session, Phase phase, CancellationToken stop)
    {
        RunState state = session.State;
        TrainConfig train = session.Config.Train;
        string key = phase.Info.Key;
        session.Observer.PhaseStarted(phase.Info, state.Step);
        while (state.Step < phase.Info.Steps)
        {
            if (stop.IsCancellationRequested)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
                stop.ThrowIfCancellationRequested();
            }

            StepRecord record = phase.Run(state.Step);
            state.Step++;
            state.PeakBytes[key] = Math.Max(state.PeakBytes.GetValueOrDefault(key), record.PeakBytes);
            Spent(state, key).Add(record);
            session.Observer.StepDone(record);
            if (state.Step % train.PrintFreq == 0 || state.Step == phase.Info.Steps)
            {
                session.Log.Write(record);
            }

            phase.AfterStep(state.Step, stop);
            if (train.CheckpointFreq > 0 && state.Step % train.CheckpointFreq == 0 && state.Step < phase.Info.Steps)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }
        }
    }

    private static PhaseBudget Spent(RunState state, string phase)
    {
        if (!state.Budget.TryGetValue(phase, out PhaseBudget? budget))
        {
            state.Budget[phase] = budget = new PhaseBudget();
        }

        return budget;
    }

    private static void CheckData(IDataset dataset, IReadOnlyList<TaskSpec> tasks)
    {
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            foreach (TaskSpec task in group.Tasks.Select(t => tasks[t]))
            {
                if (!group.Dataset.Labels.Contains(task.Label))
                {
                    throw new ConfigurationException($"tasks: {group.Dataset.Name} has no labels for {task.Name}; it has {string.Join(", ", group.Dataset.Labels)}");
                }

                if (task.Kind.Misfit(task.Channels, group.Dataset) is { } misfit)
                {
                    throw new ConfigurationException($"tasks_num_class: {misfit}");
                }
            }

            foreach (Split split in Enum.GetValues<Split>())
            {
                if (group.Dataset.Count(split) == 0)
                {
                    throw new DataException($"{group.Dataset.Name}: the part {split} is empty; every part needs at least one example");
                }
            }
        }
    }
}
