using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;

namespace AdaShare.Native.Learning.Training;

/// <summary>Writes and reads the checkpoints of a run.</summary>
public static class CheckpointStore
{
    private const string StateKey = "run_state";
    private const string ConfigurationKey = "configuration";
    private const string RunKey = "run";

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

        var metadata = new Dictionary<string, string> { [StateKey] = session.State.ToJson(), [ConfigurationKey] = session.Terms.Configuration, [RunKey] = session.State.Run, ["format"] = "pt" };
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

        using SafeTensorsFile file = SafeTensorsFile.Open(folder.Latest);
        if (!file.HasDigest)
        {
            throw new CheckpointException($"{folder.Latest}: has no check value of its content, so nobody can tell whether it is whole; bring back the file that the run wrote");
        }

        return file.Metadata.TryGetValue(StateKey, out string? json)
            ? RunState.FromJson(json, folder.Latest)
            : throw new CheckpointException($"{folder.Latest}: has no run state; it holds a model only, and a run can't go on from it");
    }

    /// <summary>The configuration that a run folder's last checkpoint was written with; null where there is no checkpoint, or none of this version.</summary>
    public static string? ReadConfiguration(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.Latest))
        {
            return null;
        }

        using SafeTensorsFile file = SafeTensorsFile.Open(folder.Latest);
        return file.Metadata.TryGetValue(ConfigurationKey, out string? text) && text.Length > 0 ? text : null;
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
    public static void SaveModel(TrainingSession session, string name, Func<string, bool>? owns = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        string path = session.Folder.Checkpoint(name);
        SafeTensors.Write(path, [.. StateEntries.Of(session.Model.Store).Where(entry => owns?.Invoke(entry.Name) ?? true).Select(entry => FiniteEntry.Of(entry, session))],
            new Dictionary<string, string> { [RunKey] = session.State.Run, ["format"] = "pt" });
        session.Observer.CheckpointSaved(path);
    }

    /// <summary>Reads the model alone.</summary>
    /// <param name="session">The run.</param>
    /// <param name="name">The checkpoint's name.</param>
    /// <param name="owns">Which entries, by their names; all if null.</param>
    public static void LoadModel(TrainingSession session, string name, Func<string, bool>? owns = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        using SafeTensorsFile file = SafeTensorsFile.Open(session.Folder.Checkpoint(name));
        if (file.Metadata.TryGetValue(RunKey, out string? run) && run != session.State.Run)
        {
            throw new CheckpointException($"{session.Folder.Checkpoint(name)}: is a checkpoint of another run; bring the run's own file back, or train the phase again with --restart-phase");
        }

        StateEntries.Load(file, session.Model.Store, owns);
    }
}
