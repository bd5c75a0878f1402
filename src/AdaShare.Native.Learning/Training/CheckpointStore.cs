using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;

namespace AdaShare.Native.Learning.Training;

/// <summary>Writes and reads the checkpoints of a run.</summary>
public static class CheckpointStore
{
    private const string StateKey = "run_state";

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

        SafeTensors.Write(session.Folder.Latest, entries, new Dictionary<string, string> { [StateKey] = session.State.ToJson(), ["format"] = "pt" });
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
        return file.Metadata.TryGetValue(StateKey, out string? json)
            ? RunState.FromJson(json, folder.Latest)
            : throw new CheckpointException($"{folder.Latest}: has no run state; it holds a model only, and a run can't go on from it");
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
        SafeTensors.Write(path, [.. StateEntries.Of(session.Model.Store).Where(entry => owns?.Invoke(entry.Name) ?? true)], new Dictionary<string, string> { ["format"] = "pt" });
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
        StateEntries.Load(file, session.Model.Store, owns);
    }
}
