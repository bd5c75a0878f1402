using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Predictions;

/// <summary>The first examples of a part of a run's data set, with their labels.</summary>
public sealed class SplitSource : IPredictionSource
{
    private readonly IReadOnlyList<TaskSpec> _tasks;
    private readonly Split _split;
    private readonly (TaskGroup Group, int Index)[] _examples;

    /// <summary>States what is read and what is written for it.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="tasks">The run's tasks.</param>
    /// <param name="split">The part.</param>
    /// <param name="count">How many examples of each group of tasks, the first ones; null for all.</param>
    /// <param name="files">What the files of an example are called, from its name and the tasks that are predicted for it.</param>
    public SplitSource(IDataset dataset, IReadOnlyList<TaskSpec> tasks, Split split, int? count, Func<string, IReadOnlyList<TaskSpec>, PlannedPictures> files)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(files);
        (_tasks, _split, Inputs) = (tasks, split, dataset.Inputs);
        IReadOnlyList<TaskGroup> groups = TaskGroup.Of(dataset, tasks);
        _examples = [.. groups.SelectMany(group => Enumerable.Range(0, Math.Min(count ?? int.MaxValue, group.Dataset.Count(split))).Select(i => (group, i)))];

        // Groups have examples of their own, whose names may be the same.
        string NameOf(TaskGroup group, int index) => (groups.Count > 1 ? tasks[group.Tasks[0]].Name + "_" : "") + group.Dataset.Id(split, index);
        Plan = [.. _examples.Select(one => files(NameOf(one.Group, one.Index), [.. one.Group.Tasks.Select(t => tasks[t])]))];
    }

    /// <inheritdoc/>
    public InputKind Inputs { get; }

    /// <inheritdoc/>
    public bool HasLabels => true;

    /// <inheritdoc/>
    public IReadOnlyList<PlannedPictures> Plan { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> TasksOf(int index) => _examples[index].Group.Tasks;

    /// <inheritdoc/>
    public PredictionInput Read(int index)
    {
        (TaskGroup group, int example) = _examples[index];
        Sample sample = group.Dataset.Load(_split, example, [.. group.Tasks.Select(t => _tasks[t].Label)]).ReadAll();
        return new PredictionInput(sample.Input, sample.Input.Height, sample.Input.Width, sample.Labels);
    }
}
