namespace AdaShare.Native.Learning.Tasks;

/// <summary>The kinds of task that there are: one line each.</summary>
public static class TaskRegistry
{
    /// <summary>All kinds, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<ITask> All { get; } =
        [new SegmentationTask(), new NormalsTask(), new DepthTask(), HeatTask.Keypoints, HeatTask.Edges, new ClassTask(), new AttributesTask(), new ValuesTask()];

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static task => task.Name)];

    /// <summary>The kind of a name, or null.</summary>
    public static ITask? Find(string name) => All.FirstOrDefault(task => task.Name == name);
}
