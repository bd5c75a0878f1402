using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>
/// Makes a run's final trainings longer. Those that have come to their end go on from the state after their last step, one after another; the one that a run is in, or has not begun, has its steps to do.
/// </summary>
/// <remarks>
/// The last checkpoint is the record: once it says that the run is extended, with the configuration that goes with it, it is. What else the run writes follows it, and is written again by whoever goes on with
/// the run, so that a process that is killed in between leaves a run that is either as it was or extended.
/// </remarks>
public static class RunExtension
{
    /// <summary>Refuses a run whose final training can't go on, before anything is written.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="state">Where it stands; null before its first checkpoint.</param>
    /// <exception cref="ConfigurationException">It kept no state of the last step.</exception>
    /// <exception cref="CheckpointException">That state was lost, or is damaged or another run's.</exception>
    public static void Require(RunFolder folder, RunState? state)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (state is null)
        {
            return;
        }

        PhasePlace[] begun = [.. state.Ended ?? [], .. state.GoesOn ?? []];
        if (state.Phase == RunState.Done && begun.Length == 0)
        {
            throw new ConfigurationException(
                $"{folder.Path}: the run is finished and kept no state of its last step (train.keep_last was false, or an earlier version trained it), so its training can't go on; start a new run from its weights with train --init {folder.Path} --out");
        }

        Array.ForEach(begun, place => CheckpointStore.ReadLast(folder, place, state.Run));
    }

    /// <summary>Extends the run of a session, whose configuration has the new number of steps already, and brings its state to where training goes on.</summary>
    /// <param name="session">The run.</param>
    /// <param name="run">Its method.</param>
    /// <param name="from">The steps that its final training had.</param>
    internal static void Begin(TrainingSession session, IMethodRun run, long from)
    {
        RunState state = session.State;
        (state.Extended ??= []).Add(from);
        string source = CheckpointStore.LatestName;
        if (state.Ended is { Count: > 0 } ended)
        {
            var here = new PhasePlace(state.Phase, state.Index);
            if (state.Phase != RunState.Done && !ended.Contains(here))
            {
                KeepHere(session, run);
                ended.Add(here);
            }

            (state.GoesOn, state.Ended) = ([.. ended, .. state.GoesOn ?? []], null);
            if (state.Policy is not null)
            {
                state.Policy.Selected = null;
            }

            source = EnterNext(session)!;
        }

        using Phase phase = run.Create();
        CheckpointStore.LoadState(session, source, phase.Optimizers);
        CheckpointStore.SaveLatest(session, phase.Optimizers);
    }

    /// <summary>Of an extended run, makes its state that of the phase that goes on next, where it names a phase that had been begun before.</summary>
    /// <param name="session">The run, at the end of a phase.</param>
    /// <param name="isNext">Whether the state names the phase; otherwise the first of those that go on is taken.</param>
    /// <returns>The checkpoint of its tensors; null where the phase begins.</returns>
    internal static string? EnterNext(TrainingSession session, bool isNext = false)
    {
        RunState state = session.State;
        if (state.GoesOn is not [var place, ..] || (isNext && place != new PhasePlace(state.Phase, state.Index)))
        {
            return null;
        }

        RunState last = CheckpointStore.ReadLast(session.Folder, place, state.Run);
        (state.Phase, state.Index, state.Step, state.AfterStepDue, state.Best, state.Weighting) = (last.Phase, last.Index, last.Step, last.AfterStepDue, last.Best, last.Weighting);
        state.GoesOn = state.GoesOn.Count > 1 ? state.GoesOn[1..] : null;
        return CheckpointStore.LastName(place);
    }

    /// <summary>Keeps the state after the last step of a final training, once: what is measured afterwards is measured on other weights.</summary>
    internal static void KeepLast(TrainingSession session, Phase phase)
    {
        RunState state = session.State;
        if (phase.Info.IsFinal && session.Config.Train.KeepLast && state.Ended?.Contains(phase.Info.Place) != true)
        {
            CheckpointStore.SaveLast(session, phase.Info, phase.Optimizers);
            (state.Ended ??= []).Add(phase.Info.Place);
        }
    }

    /// <summary>Puts the results that an extended run had before aside: they are of networks that are trained on.</summary>
    internal static void SetResultsAside(TrainingSession session)
    {
        if (session.State is { Phase: not RunState.Done, Extended: [.., var from] } && File.Exists(session.Folder.Metrics))
        {
            File.Move(session.Folder.Metrics, session.Folder.MetricsAfter(from), overwrite: true);
            session.Observer.Notice($"the results after {from} steps of the final training lie in {session.Folder.MetricsAfter(from)}");
        }
    }

    /// <summary>Keeps the state of the phase that the run is in, because others go on before it.</summary>
    private static void KeepHere(TrainingSession session, IMethodRun run)
    {
        using Phase phase = run.Create();
        IReadOnlyDictionary<string, Optimizer> optimizers = phase.Optimizers;
        CheckpointStore.LoadState(session, CheckpointStore.LatestName, optimizers);
        CheckpointStore.SaveLast(session, phase.Info, optimizers);
    }
}
