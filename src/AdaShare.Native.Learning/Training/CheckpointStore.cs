using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Learning.Training;

/// <summary>Writes and reads the checkpoints of a run.</summary>
public static class CheckpointStore
{
    /// <summary>The name of the checkpoint that holds the weights that a run was given to start with.</summary>
    internal const string Init = "init";

    /// <summary>The name of the checkpoint from which a run goes on.</summary>
    internal const string LatestName = "latest";

    private const string StateKey = "run_state";

    /// <summary>Writes model, optimisers and run state, from which the run can go on.</summary>
    internal static void SaveLatest(TrainingSession session, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        session.State.LogLength = session.Log.Length;
        session.State.Method = session.MethodState();
        Save(session, LatestName, session.State, optimizers);
    }

    /// <summary>Writes the state of a final training, from which it can go on when the run is extended: model, optimisers, and of the run's state what belongs to the phase.</summary>
    internal static void SaveLast(TrainingSession session, PhaseInfo phase, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        RunState run = session.State;
        var state = new RunState { Phase = phase.Key, Index = phase.Index, Step = run.Step, AfterStepDue = run.AfterStepDue, Best = run.Best, Weighting = run.Weighting };
        Save(session, LastName(phase.Place), state, optimizers);
    }

    /// <summary>The name of the checkpoint with the state after the last step of a final training.</summary>
    internal static string LastName(PhasePlace place) => $"last_{place.Phase}_{place.Index}";

    /// <summary>Reads what <see cref="SaveLast"/> wrote, but for the tensors.</summary>
    /// <exception cref="CheckpointException">The file is missing, damaged, or another one than the run wrote under the name.</exception>
    internal static RunState ReadLast(RunFolder folder, PhasePlace place, string run)
    {
        string path = folder.Checkpoint(LastName(place));
        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(path);
            CheckpointLabel label = CheckpointLabel.Of(file.Metadata);
            label.RequireName(path);
            RequireRun(label, run, path);
            return file.Metadata.TryGetValue(StateKey, out string? json) && RunState.FromJson(json, path) is var state && (state.Phase, state.Index) == (place.Phase, place.Index)
                ? state
                : throw new CheckpointException($"{path}: has no run state of {place.Phase}");
        }
        catch (CheckpointException error)
        {
            throw new CheckpointException($"{error.Message} (it is the state after the last step of a final training, without which that can't go on; train --init {folder.Path} --out DIR starts a new run from the weights of this one)", error);
        }
    }

    private static void Save(TrainingSession session, string name, RunState state, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        string path = session.Folder.Checkpoint(name);
        var entries = new List<SafeTensorEntry>(StateEntries.Of(session.Model.Store));
        foreach ((string optimizerName, Optimizer optimizer) in optimizers)
        {
            entries.AddRange(StateEntries.Of(optimizer, "optimizer." + optimizerName));
        }

        Dictionary<string, string> metadata = Label(session, name, gates: null).ToMetadata();
        metadata[StateKey] = state.ToJson();
        SafeTensors.Write(path, [.. entries.Select(entry => FiniteEntry.Of(entry, session))], metadata);
        session.Observer.CheckpointSaved(path);
    }

    /// <summary>Reads the run state of a run folder's last checkpoint, or null where there is none.</summary>
    internal static RunState? ReadState(RunFolder folder)
    {
        if (!File.Exists(folder.Latest))
        {
            return null;
        }

        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(folder.Latest);
            if (!file.HasDigest)
            {
                throw new CheckpointException($"{folder.Latest}: has no check value of its content, so nobody can tell whether it is whole");
            }

            CheckpointLabel.Of(file.Metadata).RequireName(folder.Latest);
            return file.Metadata.TryGetValue(StateKey, out string? json)
                ? RunState.FromJson(json, folder.Latest)
                : throw new CheckpointException($"{folder.Latest}: has no run state; it holds a model only, and a run can't go on from it");
        }
        catch (CheckpointException error)
        {
            throw Lost(folder, error);
        }
    }

    /// <summary>The error of a last checkpoint that can't be used, with what can be done.</summary>
    internal static CheckpointException Lost(RunFolder folder, CheckpointException error) => new($"{error.Message} (it is what the run goes on from; {WithoutLatest(folder)})", error);

    /// <summary>What can be done without the last checkpoint.</summary>
    internal static string WithoutLatest(RunFolder folder) => File.Exists(folder.Metrics)
        ? $"the run is finished: its networks can be used without it, and a new run is started with train --config {folder.Config} --out"
        : $"bring the file back, or delete {Path.GetDirectoryName(folder.Latest)} and {folder.Log}, and train --resume {folder.Path} starts from the beginning";

    /// <summary>What the last checkpoint says, by its header alone.</summary>
    internal static RunRecord ReadRecord(string path)
    {
        IReadOnlyDictionary<string, string> metadata = SafeTensorsFile.ReadMetadata(path);
        return new RunRecord(CheckpointLabel.Of(metadata), metadata.TryGetValue(StateKey, out string? json) ? RunState.FromJson(json, path) : null);
    }

    /// <summary>Reads the tensors of a checkpoint that a run can go on from: its last one, or that of a final training.</summary>
    internal static void LoadState(TrainingSession session, string name, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(session.Folder.Checkpoint(name));
        StateEntries.Load(file, session.Model.Store);
        foreach ((string optimizerName, Optimizer optimizer) in optimizers)
        {
            StateEntries.Load(file, optimizer, "optimizer." + optimizerName);
        }
    }

    /// <summary>Writes the model alone.</summary>
    /// <param name="session">The run.</param>
    /// <param name="name">The checkpoint's name.</param>
    /// <param name="owns">Which entries, by their names; all if null.</param>
    /// <param name="gates">The gates that the network is used under; null where nothing says.</param>
    public static void SaveModel(TrainingSession session, string name, Func<string, bool>? owns = null, GateTable? gates = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        string path = session.Folder.Checkpoint(name);
        SafeTensors.Write(
            path, [.. StateEntries.Of(session.Model.Store).Where(entry => owns?.Invoke(entry.Name) ?? true).Select(entry => FiniteEntry.Of(entry, session))],
            Label(session, name, gates).ToMetadata());
        session.Observer.CheckpointSaved(path);
    }

    /// <summary>Reads the model alone.</summary>
    /// <param name="session">The run.</param>
    /// <param name="name">The checkpoint's name.</param>
    /// <param name="remedy">What to do where the file is lost or no longer the run's own.</param>
    /// <param name="owns">Which entries, by their names; all if null.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, or another one than the run wrote under the name.</exception>
    public static void LoadModel(TrainingSession session, string name, string remedy, Func<string, bool>? owns = null) => Load(session, name, remedy, _ => owns);

    /// <summary>Reads whatever a checkpoint has of the model.</summary>
    internal static void LoadPart(TrainingSession session, string name, string remedy) => Load(session, name, remedy, static file => file.Contains);

    private static void Load(TrainingSession session, string name, string remedy, Func<SafeTensorsFile, Func<string, bool>?> owns)
    {
        ArgumentNullException.ThrowIfNull(session);
        string path = session.Folder.Checkpoint(name);
        try
        {
            using SafeTensorsFile file = SafeTensorsFile.Open(path);
            CheckpointLabel label = CheckpointLabel.Of(file.Metadata);
            label.RequireName(path);
            RequireRun(label, session.State.Run, path);
            StateEntries.Load(file, session.Model.Store, owns(file));
        }
        catch (CheckpointException error)
        {
            throw new CheckpointException($"{error.Message} ({remedy})", error);
        }
    }

    private static void RequireRun(CheckpointLabel label, string run, string path)
    {
        if (label.Run != run)
        {
            throw new CheckpointException($"{path}: is a checkpoint of another run; bring the run's own file back");
        }
    }

    /// <summary>The remedy where a checkpoint of the phase that the run is in is lost.</summary>
    /// <param name="session">The run.</param>
    /// <param name="what">What the checkpoint was.</param>
    public static string RestartRemedy(TrainingSession session, string what)
    {
        ArgumentNullException.ThrowIfNull(session);
        return $"it was {what}; train --resume {session.Folder.Path} --restart-phase trains this phase again";
    }

    /// <summary>The remedy where a checkpoint of an earlier phase is lost.</summary>
    /// <param name="session">The run.</param>
    /// <param name="what">What the checkpoint was.</param>
    public static string RepeatRemedy(TrainingSession session, string what)
    {
        ArgumentNullException.ThrowIfNull(session);
        return $"it was {what}; without it this run can't go on, and train --config {session.Folder.Config} --out DIR repeats it in a new folder";
    }

    private static CheckpointLabel Label(TrainingSession session, string name, GateTable? gates) =>
        new(name, session.State.Run, session.Terms.Configuration, session.State.Data, gates?.Signature ?? "") { Extended = session.State.Extended ?? [] };
}
