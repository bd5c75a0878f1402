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

    private const string StateKey = "run_state";
    private const string LatestName = "latest";

    /// <summary>Writes model, optimisers and run state, from which the run can go on.</summary>
    internal static void SaveLatest(TrainingSession session, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        session.State.LogLength = session.Log.Length;
        session.State.Method = session.MethodState();
        var entries = new List<SafeTensorEntry>(StateEntries.Of(session.Model.Store));
        foreach ((string name, Optimizer optimizer) in optimizers)
        {
            entries.AddRange(StateEntries.Of(optimizer, "optimizer." + name));
        }

        Dictionary<string, string> metadata = Label(session, LatestName, gates: null).ToMetadata();
        metadata[StateKey] = session.State.ToJson();
        SafeTensors.Write(session.Folder.Latest, [.. entries.Select(entry => FiniteEntry.Of(entry, session))], metadata);
        session.Observer.CheckpointSaved(session.Folder.Latest);
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

    /// <summary>Reads the tensors of a run folder's last checkpoint.</summary>
    internal static void LoadLatest(TrainingSession session, IReadOnlyDictionary<string, Optimizer> optimizers)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(session.Folder.Latest);
        StateEntries.Load(file, session.Model.Store);
        foreach ((string name, Optimizer optimizer) in optimizers)
        {
            StateEntries.Load(file, optimizer, "optimizer." + name);
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
            if (label.Run != session.State.Run)
            {
                throw new CheckpointException($"{path}: is a checkpoint of another run; bring the run's own file back");
            }

            StateEntries.Load(file, session.Model.Store, owns(file));
        }
        catch (CheckpointException error)
        {
            throw new CheckpointException($"{error.Message} ({remedy})", error);
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
        new(name, session.State.Run, session.Terms.Configuration, session.State.Data, gates?.Signature ?? "");
}
