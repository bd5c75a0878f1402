using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>The networks of a run that trained a network for each task, as the start of another run that has such networks too.</summary>
/// <param name="key">The configuration key that names the run, for messages.</param>
/// <param name="folder">The run's folder. It may have more tasks, and in another order.</param>
public sealed class TrainedNetworks(string key, string folder)
{
    /// <summary>Checks the key as far as a configuration shows.</summary>
    /// <param name="key">The configuration key.</param>
    /// <param name="folder">Its value; null for fresh networks.</param>
    /// <exception cref="ConfigurationException">The folder has no name.</exception>
    public static void Check(string key, string? folder) =>
        ConfigCheck.Require(folder is null || folder.Trim().Length > 0, key, "", "the folder of a run whose method trains a network for each task by itself, or no such key");

    /// <summary>What sets the weights of a run that begins, see <see cref="SingleTraining.Start"/>.</summary>
    /// <param name="key">The configuration key.</param>
    /// <param name="folder">Its value; null for fresh networks.</param>
    /// <param name="session">The run, whose model is a <see cref="TaskNetwork"/> with <see cref="TaskNames"/>.</param>
    public static Action? Start(string key, string? folder, TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return folder is null ? null : () => new TrainedNetworks(key, folder).Load((TaskNetwork)session.Model, session.Dataset);
    }

    /// <summary>Reads backbone and head of every task; what joins them stays as it is.</summary>
    /// <param name="model">Receives the weights and running statistics.</param>
    /// <param name="dataset">What the new run is trained and tested on.</param>
    /// <exception cref="ConfigurationException">The folder has no such networks, or those of other tasks, another backbone or other data; nothing was read.</exception>
    /// <exception cref="CheckpointException">The file is damaged, or its networks have other widths.</exception>
    public void Load(TaskNetwork model, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dataset);
        string path = new RunFolder(folder).Checkpoint(SingleTrainingRun.Checkpoint);
        if (!File.Exists(path))
        {
            throw Unfit($"{(Directory.Exists(folder) ? $"the folder has no {Path.GetRelativePath(folder, path)}" : "there is no such folder")}; give the folder of a finished run whose method trains a network for each task by itself");
        }

        // Networks that were trained on images of this run's test part would make its figures worthless.
        if (DataManifest.Read(new RunFolder(folder)) is not { } manifest)
        {
            throw Unfit($"it has no {Path.GetFileName(new RunFolder(folder).Data)}, so nobody can tell whether it was trained on images of this run's test part; bring the file back, or train those networks again");
        }

        if (manifest.Difference(DataManifest.Of(dataset)) is { } difference)
        {
            throw Unfit($"it was trained on other data than this run: {difference}; train those networks on the data of this run");
        }

        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        CheckpointLabel label = CheckpointLabel.Of(file.Metadata);
        label.RequireName(path);
        if (label.Data.Length > 0 && label.Data != manifest.Digest())
        {
            throw Unfit($"{Path.GetFileName(new RunFolder(folder).Data)} does not say what its final network was trained on: it was changed, or is another run's; bring the run's own file back");
        }

        if (file.Names.FirstOrDefault(static name => TaskNames.TaskOf(name) is null) is { } foreign)
        {
            throw Unfit($"its final network has {foreign}, which belongs to the network of no task; give the folder of a run whose method trains a network for each task by itself");
        }

        Dictionary<string, HashSet<string>> theirs = ByTask(file.Names), ours = ByTask(Names(model));
        foreach ((string task, HashSet<string> names) in ours)
        {
            CheckTask(model, task, names, theirs);
        }

        StateEntries.Load(file, model.Store, static name => TaskNames.TaskOf(name) is not null);
    }

    private void CheckTask(TaskNetwork model, string task, HashSet<string> names, Dictionary<string, HashSet<string>> theirs)
    {
        if (!theirs.TryGetValue(task, out HashSet<string>? found))
        {
            throw Unfit($"it has networks for {string.Join(", ", theirs.Keys)} and none for {task}; give a run of all tasks");
        }

        string? missing = names.FirstOrDefault(name => !found.Contains(name)), extra = found.FirstOrDefault(name => !names.Contains(name));
        if ((missing ?? extra) is { } different)
        {
            throw Unfit($"its network for {task} {(missing is null ? "has" : "lacks")} {different}, so it is no {model.Spec.Backbone.Name}; give a run of the same backbone");
        }
    }

    private static IEnumerable<string> Names(TaskNetwork model) => model.Store.Parameters.Select(static p => p.Name).Concat(model.Store.Counters.Select(static c => c.Name));

    private static Dictionary<string, HashSet<string>> ByTask(IEnumerable<string> names) =>
        names.GroupBy(static name => TaskNames.TaskOf(name) ?? "").Where(static task => task.Key.Length > 0).ToDictionary(static task => task.Key, static task => task.ToHashSet());

    private ConfigurationException Unfit(string why) => new($"{key} is {folder}: {why}");
}
