using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

/// <summary>Of the labels that a data set offers, those that tasks want.</summary>
internal static class OfferedLabels
{
    /// <summary>The labels of a request, in its order; all where it names no task.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="name">The data set's name, for messages.</param>
    /// <param name="offered">The labels by the names of their tasks.</param>
    /// <exception cref="ConfigurationException">A task wants a label that is not there.</exception>
    public static IReadOnlyList<Label> Chosen(DatasetRequest request, string name, IReadOnlyDictionary<string, Label> offered)
    {
        foreach (TaskLabel task in request.Tasks)
        {
            if (!offered.TryGetValue(task.Task, out Label label))
            {
                throw new ConfigurationException($"tasks: {name} has no task {task.Task}; its tasks are {string.Join(", ", offered.Keys)}");
            }

            if (label != task.Label)
            {
                throw new ConfigurationException($"tasks: the labels of task {task.Task} are {Words(label)} in {name}, not {Words(task.Label)}; leave task_kinds out, and {name} says it");
            }
        }

        return request.Labels ?? [.. offered.Values];
    }

    private static string Words(Label label) => $"{label.Kind} of {label.Channels} {(label.Channels == 1 ? "channel" : "channels")}";
}
