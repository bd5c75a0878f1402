using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Runs;

/// <summary>A run folder in a list: what can be said of it without its data and its weights.</summary>
/// <param name="Path">The folder, below the one that was listed.</param>
/// <param name="Method">The method; empty where the run can't be read.</param>
/// <param name="State">Finished, stopped or training, or what is wrong with it.</param>
/// <param name="Score">The score on the validation part of the final network, or the best so far in the phase; null where there is none.</param>
/// <param name="Results">The main metric of each task on the test part; empty where the run is not finished.</param>
/// <param name="Cost">What the final network costs; null where the run is not finished.</param>
/// <param name="Seconds">Seconds of training steps.</param>
public sealed record RunListing(string Path, string Method, string State, double? Score, string Results, ModelCost? Cost, double Seconds)
{
    private const int MostDepth = 4;

    /// <summary>The runs in a folder and in those within it, by their paths; the folder itself may be one. Folders within a run are none, and hidden ones are passed over.</summary>
    /// <param name="root">The folder.</param>
    /// <exception cref="DataException">There is no such folder.</exception>
    public static IReadOnlyList<RunListing> In(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: {(File.Exists(root) ? "is a file" : "there is no such folder")}; give a folder with runs, for example runs");
        }

        return [.. Folders(root, MostDepth).Select(folder => Of(root, folder)).OrderBy(static run => run.Path, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Folders(string folder, int depth)
    {
        var run = new RunFolder(folder);
        if (File.Exists(run.Config) && (File.Exists(run.Lock) || File.Exists(run.Latest) || File.Exists(run.Metrics) || File.Exists(run.Log)))
        {
            return [folder];
        }

        var inner = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };
        return depth == 0 ? [] : Directory.EnumerateDirectories(folder, "*", inner).SelectMany(within => Folders(within, depth - 1));
    }

    private static RunListing Of(string root, string folder)
    {
        string path = System.IO.Path.GetRelativePath(root, folder);
        try
        {
            return Of(path, StoredRun.Open(folder));
        }
        catch (AdaShareException error)
        {
            return new RunListing(path, "", error.Message, null, "", null, 0);
        }
    }

    private static RunListing Of(string path, StoredRun run)
    {
        RunState? state = RunRecord.Read(run.Folder)?.State;
        double seconds = state?.Budget.Values.Sum(static spent => spent.Seconds) ?? 0;
        if (File.Exists(run.Folder.Metrics))
        {
            MetricsFile metrics = MetricsFile.Read(run.Folder.Metrics);
            string results = string.Join(", ", Learning.Tasks.TaskSpec.Of(run.Config).Select(task =>
                task.Kind.Metrics.FirstOrDefault(info => !info.IsOfficial && metrics.Final.Metrics.GetValueOrDefault(task.Name)?.ContainsKey(info.Name) == true) is { } main
                    ? $"{task.Name} {main.Format(metrics.Final.Metrics[task.Name][main.Name])}" : $"{task.Name} -"));
            return new RunListing(path, run.Method.Name, "finished", metrics.Final.Score, results, metrics.Cost, metrics.Budget.Values.Sum(static spent => spent.Seconds));
        }

        string at = state is null || state.Phase.Length == 0 ? "before the first checkpoint" : $"{state.Phase.Replace('_', ' ')}{(state.Index > 0 ? $" {state.Index + 1}" : "")}, step {state.Step}";
        string doing = FileLock.HolderOf(run.Folder.Lock) is { } holder ? $"training ({holder}), last checkpoint: {at}" : $"stopped: {at}";
        return new RunListing(path, run.Method.Name, doing, state?.Best.Values.Select(static best => (double?)best.Score).Max(), "", null, seconds);
    }
}
