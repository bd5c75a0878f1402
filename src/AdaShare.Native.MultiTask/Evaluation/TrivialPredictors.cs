using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Evaluation;

/// <summary>
/// The best constant answers, learnt from training labels: class frequencies (so the majority class), the mean normal, the median depth, heat or edge. What a
/// network does not beat, it has not learnt.
/// </summary>
public static class TrivialPredictors
{
    private const int LargestSample = 512;
    private const int ValuesPerImage = 1024;
    private const float Ignored = 255;
    private const float SmallestDepth = 3e-5f;

    /// <summary>Learns the constants on the training part and measures them on another.</summary>
    public static MetricTable Evaluate(IReadOnlyList<TaskSpec> tasks, IDataset dataset, Split split, int limit, bool decodedNormals)
    {
        LabelKind[] labels = [.. tasks.Select(static task => task.Label)];
        var constants = Learn(tasks, dataset, labels);
        var table = new MetricTable();
        TaskMetrics[] metrics = [.. tasks.Select(task => TaskMetrics.Of(task, decodedNormals))];
        foreach (Sample sample in new SamplePrefetcher(dataset, split, labels, limit))
        {
            for (int t = 0; t < metrics.Length; t++)
            {
                metrics[t].Add(constants[t], 1, 1, sample.Labels[labels[t]]);
            }
        }

        for (int t = 0; t < metrics.Length; t++)
        {
            metrics[t].Report(table, tasks[t].Name);
        }

        return table;
    }

    private static float[][] Learn(IReadOnlyList<TaskSpec> tasks, IDataset dataset, LabelKind[] labels)
    {
        int total = dataset.Count(Split.Train);
        int used = Math.Min(total, LargestSample);
        var gathered = tasks.Select(static _ => new List<float>()).ToArray();
        for (int i = 0; i < used; i++)
        {
            Sample sample = dataset.Load(Split.Train, (int)((long)i * total / used), labels);
            for (int t = 0; t < tasks.Count; t++)
            {
                Gather(sample.Labels[labels[t]], gathered[t]);
            }
        }

        return [.. tasks.Select((task, t) => Constant(task, gathered[t]))];
    }

    /// <summary>A regular grid of pixels is enough: a constant has few degrees of freedom.</summary>
    private static void Gather(Plane plane, List<float> values)
    {
        int pixels = plane.Height * plane.Width;
        int stride = Math.Max(1, pixels / ValuesPerImage);
        for (int p = 0; p < pixels; p += stride)
        {
            values.AddRange(plane.Values.AsSpan(p * plane.Channels, plane.Channels));
        }
    }

    private static float[] Constant(TaskSpec task, List<float> values)
    {
        switch (task.Label)
        {
            case LabelKind.Segmentation:
                var counts = new double[task.Channels];
                foreach (float value in values)
                {
                    if ((uint)value < (uint)counts.Length)
                    {
                        counts[(int)value]++;
                    }
                }

                return [.. counts.Select(c => (float)Math.Log((c + 1) / (values.Count + counts.Length)))];
            case LabelKind.SurfaceNormals:
                return MeanDirection(values);
            default:
                float[] valid = [.. values.Where(v => task.Label == LabelKind.Depth ? v > SmallestDepth : v != Ignored).Order()];
                return [valid.Length > 0 ? valid[valid.Length / 2] : 0];
        }
    }

    private static float[] MeanDirection(List<float> values)
    {
        var sum = new double[3];
        for (int i = 0; i + 2 < values.Count; i += 3)
        {
            double x = values[i], y = values[i + 1], z = values[i + 2];
            double length = Math.Sqrt((x * x) + (y * y) + (z * z));
            if (Math.Max(x, Math.Max(y, z)) < Ignored && length > 0)
            {
                sum[0] += x / length;
                sum[1] += y / length;
                sum[2] += z / length;
            }
        }

        return [.. sum.Select(static s => (float)s)];
    }
}
