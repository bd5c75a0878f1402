using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Configuration;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>Runs AdaShare's phases one after another, from the start or from the run folder's last checkpoint.</summary>
public static class Trainer
{
    /// <summary>Trains to the end and writes log, checkpoints, policy and metrics into the run folder.</summary>
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
    public static MetricsFile Run(RunConfig config, Backend backend, IDataset dataset, RunFolder folder, IRunObserver observer, bool resume, CancellationToken stop)
    {
        RunState? saved = resume ? CheckpointStore.ReadState(folder) : null;
        if (resume && saved is null)
        {
            observer.Notice("the run was stopped before its first checkpoint: it starts from the beginning");
        }

        using var session = new TrainingSession(config, backend, dataset, folder, observer, saved ?? new RunState());
        if (saved is null)
        {
            session.Network.Store.Initialize(session.Seed);
        }

        bool restore = saved is not null;
        while (session.State.Phase != RunPhase.Done)
        {
            using Phase phase = Create(session);
            if (restore)
            {
                CheckpointStore.LoadLatest(session, phase.Optimizers);
                restore = false;
            }
            else if (session.State.Phase != RunPhase.WarmUp)
            {
                // A phase keeps what the one before has found. The first has nothing to lose: a run without a checkpoint starts from its seed.
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }

            RunPhaseToEnd(session, phase, stop);
            phase.Finish(stop);
        }

        MetricsFile results = RunResults.Write(session);
        CheckpointStore.SaveLatest(session, new Dictionary<string, Engine.Optimizers.Optimizer>());
        return results;
    }

    private static Phase Create(TrainingSession session) => session.State.Phase switch
    {
        RunPhase.WarmUp => new WarmUpPhase(session, session.State.Step),
        RunPhase.Search => new SearchPhase(session, session.State.Step),
        RunPhase.Retrain => new RetrainPhase(session, session.State.Step),
        _ => throw new InvalidOperationException($"no phase {session.State.Phase}"),
    };

    private static void RunPhaseToEnd(TrainingSession session, Phase phase, CancellationToken stop)
    {
        RunState state = session.State;
        TrainConfig train = session.Config.Train;
        session.Observer.PhaseStarted(phase.Kind, state.Policy, Math.Max(1, state.Policies.Length), state.Step, phase.Steps);
        while (state.Step < phase.Steps)
        {
            if (stop.IsCancellationRequested)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
                stop.ThrowIfCancellationRequested();
            }

            StepRecord record = phase.Run(state.Step);
            state.Step++;
            state.PeakBytes[phase.Kind.Key()] = Math.Max(state.PeakBytes.GetValueOrDefault(phase.Kind.Key()), record.PeakBytes);
            session.Observer.StepDone(record);
            if (state.Step % train.PrintFreq == 0 || state.Step == phase.Steps)
            {
                session.Log.Write(record);
            }

            phase.AfterStep(state.Step, stop);
            if (train.CheckpointFreq > 0 && state.Step % train.CheckpointFreq == 0 && state.Step < phase.Steps)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }
        }
    }
}
