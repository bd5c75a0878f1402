using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.SpotTune;

/// <summary>Reads a backbone that a run of another method has trained for all its tasks.</summary>
/// <param name="key">The configuration key that names it, for messages.</param>
/// <param name="path">A run's folder, or a checkpoint.</param>
internal sealed class GivenWeights(string key, string path)
{
    private const string Final = "final";

    /// <summary>Reads the given backbone, and makes the tuned blocks copies of it; heads and policy network stay as they are.</summary>
    /// <param name="network">Receives it.</param>
    /// <param name="dataset">What the new run is trained and tested on.</param>
    /// <exception cref="ConfigurationException">There is no such backbone, or it is of another form or other data; nothing was read.</exception>
    /// <exception cref="CheckpointException">The file is damaged, or its backbone has other widths.</exception>
    public void Load(SpotTuneNetwork network, IDataset dataset)
    {
        string file = Directory.Exists(path) ? new RunFolder(path).Checkpoint(Final) : path;
        if (!File.Exists(file))
        {
            throw Unfit($"{(Directory.Exists(path) ? $"the folder has no {Path.GetRelativePath(path, file)}" : "there is no such folder or file")}; give the folder of a finished run, or a checkpoint");
        }

        // A backbone that was trained on images of this run's test part would make its figures worthless.
        string run = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(file))) ?? "";
        if (DataManifest.Read(new RunFolder(run))?.Difference(DataManifest.Of(dataset)) is { } difference)
        {
            throw Unfit($"it was trained on other data than this run: {difference}; train it on the data of this run");
        }

        using SafeTensorsFile weights = SafeTensorsFile.Open(file);
        HashSet<string> theirs = [.. weights.Names.Where(IsOfBackbone)];
        string[] ours = [.. network.Store.Parameters.Select(static p => p.Name).Concat(network.Store.Counters.Select(static c => c.Name)).Where(IsOfBackbone)];
        if (theirs.Count == 0)
        {
            throw Unfit("it has no backbone that all tasks share; give a run whose method trains one, such as hard_sharing");
        }

        if ((ours.FirstOrDefault(name => !theirs.Contains(name)) ?? theirs.Except(ours).FirstOrDefault()) is { } different)
        {
            throw Unfit($"its backbone {(theirs.Contains(different) ? "has" : "lacks")} {different}, so it is no {network.Spec.Backbone.Name}; give a run of the same backbone");
        }

        StateEntries.Load(weights, network.Store, IsOfBackbone);
        network.CopyGiven();
    }

    private static bool IsOfBackbone(string name) => name.StartsWith(SpotTuneNetwork.GivenPrefix + ".", StringComparison.Ordinal);

    private ConfigurationException Unfit(string why) => new($"{key} is {path}: {why}");
}
