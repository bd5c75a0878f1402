using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Tasks that are trained and measured on the same images. All tasks are one group unless the data set's tasks have images of their own.</summary>
/// <param name="Dataset">The images.</param>
/// <param name="Tasks">Indices of the tasks.</param>
public sealed record TaskGroup(IDataset Dataset, IReadOnlyList<int> Tasks)
{
    /// <summary>The groups of a data set.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="tasks">The tasks of a network.</param>
    /// <exception cref="ConfigurationException">A task has no images.</exception>
    public static IReadOnlyList<TaskGroup> Of(IDataset dataset, IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(tasks);
        if (dataset.Parts.Count == 0)
        {
            return [new TaskGroup(dataset, [.. Enumerable.Range(0, tasks.Count)])];
        }

        TaskGroup[] groups =
        [
            .. dataset.Parts.Select(part => new TaskGroup(part.Dataset, [.. Enumerable.Range(0, tasks.Count).Where(t => part.Tasks.Contains(tasks[t].Name))]))
                .Where(static group => group.Tasks.Count > 0),
        ];
        for (int t = 0; t < tasks.Count; t++)
        {
            int images = groups.Count(group => group.Tasks.Contains(t));
            if (images != 1)
            {
                throw new ConfigurationException(
                    $"tasks: {tasks[t].Name} has {(images == 0 ? "no images" : "images in several parts")} in {dataset.Name}; its tasks are {string.Join(", ", dataset.Parts.SelectMany(static part => part.Tasks))}");
            }
        }

        return groups;
    }

    /// <summary>Whether any group has images in a part.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="tasks">The tasks of a network.</param>
    /// <param name="part">The part.</param>
    /// <exception cref="ConfigurationException">A task has no images.</exception>
    public static bool HasPart(IDataset dataset, IReadOnlyList<TaskSpec> tasks, Split part) => Of(dataset, tasks).Any(group => group.Dataset.Count(part) > 0);
}
