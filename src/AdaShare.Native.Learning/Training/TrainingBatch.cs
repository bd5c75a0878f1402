using AdaShare.Native.Data.Loading;

namespace AdaShare.Native.Learning.Training;

/// <summary>Some images of a training batch, and the tasks that have labels for them.</summary>
/// <param name="Data">Images and targets. A target that an image lacks is masked out in all its pixels.</param>
/// <param name="Tasks">Indices of the tasks.</param>
public sealed record BatchGroup(Batch Data, IReadOnlyList<int> Tasks);

/// <summary>What a training step learns from: groups of images. One group where all tasks are labelled on the same images, several where tasks have images of their own.</summary>
/// <param name="Groups">At least one; a task is in one of them.</param>
public sealed record TrainingBatch(IReadOnlyList<BatchGroup> Groups) : IDisposable
{
    /// <summary>A batch of one group.</summary>
    /// <param name="data">Images and targets.</param>
    /// <param name="tasks">The number of tasks, all of which have targets.</param>
    public TrainingBatch(Batch data, int tasks)
        : this([new BatchGroup(data, [.. Enumerable.Range(0, tasks)])])
    {
    }

    /// <summary>Images in all groups.</summary>
    public int Images => Groups.Sum(static group => group.Data.Shape.Count);

    /// <summary>Gives the buffers back to their loaders.</summary>
    public void Dispose()
    {
        foreach (BatchGroup group in Groups)
        {
            group.Data.Dispose();
        }
    }
}
