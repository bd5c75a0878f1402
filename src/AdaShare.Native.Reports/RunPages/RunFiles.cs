using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What a report shows of a run: its files, read.</summary>
/// <param name="Folder">Where they lie.</param>
/// <param name="Config">The run's configuration.</param>
/// <param name="Method">Its method.</param>
/// <param name="History">Its log.</param>
/// <param name="Metrics">Its results; null where it is not finished.</param>
/// <param name="Policy">Its policies; null where there are none, or not yet.</param>
public sealed record RunFiles(RunFolder Folder, RunConfig Config, IMethod Method, RunHistory History, MetricsFile? Metrics, PolicyFile? Policy)
{
    /// <summary>Reads a run's files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="method">Its method.</param>
    /// <exception cref="DataException">A file is damaged.</exception>
    public static RunFiles Read(RunFolder folder, RunConfig config, IMethod method)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new RunFiles(
            folder, config, method, RunHistory.Read(folder.Log), File.Exists(folder.Metrics) ? MetricsFile.Read(folder.Metrics) : null,
            File.Exists(folder.Policy) ? PolicyFile.Read(folder.Policy) : null);
    }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder.Path)));

    /// <summary>The tasks.</summary>
    public IReadOnlyList<TaskSpec> Tasks { get; } = TaskSpec.Of(Config);
}
