using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Evaluation;

/// <summary>
/// The best constant answers, learnt from training labels: class frequencies (so the majority class), the mean normal, the median depth, heat or edge. What a
/// network does not beat, it has not learnt.
/// </summary>
public static class TrivialPredictors
{
    private const int LargestSample = 512;
    private const int GridSide = 32;

    /// <summary>Learns the constants on the training part and measures them on another.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="split">The part to measure on.</param>
    /// <param name="limit">At most so many images of each group; 0 for all.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static MetricTable Evaluate(IReadOnlyList<TaskSpec> tasks, IDataset dataset, Split split, int limit, bool decodedNormals, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        TaskMetrics[] metrics = [.. tasks.Select(task => task.CreateMetrics(decodedNormals))];
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            Label[] labels = [.. group.Tasks.Select(t => tasks[t].Label)];
            float[][] constants = Learn(group, tasks, labels, stop);
            foreach (Sample sample in new SamplePrefetcher(group.Dataset, split, labels, limit))
            {
                stop.ThrowIfCancellationRequested();
                for (int i = 0; i < labels.Length; i++)
                {
                    if (sample.Labels.TryGetValue(labels[i], out Plane? label))
                    {
                        metrics[group.Tasks[i]].Add(constants[i], 1, 1, label);
                    }
                }
            }
        }

        return MetricTable.Of(tasks.Select((task, t) => (task.Name, metrics[t])));
    }

    private static float[][] Learn(TaskGroup group, IReadOnlyList<TaskSpec> tasks, Label[] labels, CancellationToken stop)
    {
        int total = group.Dataset.Count(Split.Train);
        int used = Math.Min(total, LargestSample);
        List<float>[] gathered = [.. labels.Select(static _ => new List<float>())];
        for (int i = 0; i < used; i++)
        {
            stop.ThrowIfCancellationRequested();
            Sample sample = group.Dataset.Load(Split.Train, (int)((long)i * total / used), labels);
            for (int t = 0; t < labels.Length; t++)
            {
                if (sample.Labels.TryGetValue(labels[t], out Plane? label))
                {
                    Gather(label, gathered[t]);
                }
            }
        }

        return [.. group.Tasks.Select((task, t) => tasks[task].Kind.Trivial(gathered[t], tasks[task].Channels))];
    }

    /// <summary>A regular grid of rows and columns is enough: a constant has few degrees of freedom. Both sides are thinned, so that no grid falls on one column.</summary>
    private static void Gather(Plane plane, List<float> values)
    {
        int rows = Math.Min(plane.Height, GridSide), columns = Math.Min(plane.Width, GridSide);
        for (int i = 0; i < rows; i++)
        {
            int y = (int)(((2L * i) + 1) * plane.Height / (2 * rows));
            for (int j = 0; j < columns; j++)
            {
                int x = (int)(((2L * j) + 1) * plane.Width / (2 * columns));
                values.AddRange(plane.Values.AsSpan(((y * plane.Width) + x) * plane.Channels, plane.Channels));
            }
        }
    }
}
