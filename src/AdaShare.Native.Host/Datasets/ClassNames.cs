using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Datasets;

/// <summary>The words for the classes of a run's tasks.</summary>
public static class ClassNames
{
    /// <summary>The names as the run's data.json has them; where it has none, as data sets that need no files know them.</summary>
    /// <param name="config">The run's configuration.</param>
    /// <param name="data">What data.json says; null where there is none.</param>
    /// <returns>The names of a task's classes, properties or numbers; none where nobody knows, or where they are not as many as the task has channels.</returns>
    public static Func<TaskSpec, IReadOnlyList<string>> Of(RunConfig config, DataManifest? data)
    {
        ArgumentNullException.ThrowIfNull(config);
        IDataset? known = config.Dataload.Dataset == ConfigLoader.ProceduralScenes ? DatasetFactory.Open(config) : null;
        return task => data?.NamesOf(task.Label.Name) is { Count: > 0 } said ? said
            : known?.ClassNamesOf(task.Label) is { } names && names.Count == task.Channels ? names : [];
    }
}
