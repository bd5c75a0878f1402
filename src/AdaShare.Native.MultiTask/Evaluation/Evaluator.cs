using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Evaluation;

/// <summary>Measures a network on a part of a data set: whole images, one at a time, in evaluation mode.</summary>
public static class Evaluator
{
    /// <summary>Measures every task.</summary>
    /// <param name="network">The network.</param>
    /// <param name="policy">The policy, or null where every task runs every block.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="split">The part.</param>
    /// <param name="limit">At most so many images; 0 for all.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static MetricTable Evaluate(
        AdaShareNetwork network, DiscretePolicy? policy, IDataset dataset, Split split, int limit, bool decodedNormals, CancellationToken stop = default)
    {
        IReadOnlyList<TaskSpec> tasks = network.Spec.Tasks;
        TaskMetrics[] metrics = [.. tasks.Select(task => TaskMetrics.Of(task, decodedNormals))];
        LabelKind[] labels = [.. tasks.Select(static task => task.Label)];
        foreach (Sample sample in new SamplePrefetcher(dataset, split, labels, limit))
        {
            stop.ThrowIfCancellationRequested();
            IReadOnlyList<Plane> predictions = Predict(network, policy, sample.Image);
            for (int t = 0; t < metrics.Length; t++)
            {
                metrics[t].Add(predictions[t].Values, predictions[t].Height, predictions[t].Width, sample.Labels[labels[t]]);
            }
        }

        var table = new MetricTable();
        for (int t = 0; t < metrics.Length; t++)
        {
            metrics[t].Report(table, tasks[t].Name);
        }

        return table;
    }

    /// <summary>The raw predictions of every task for one image, at an eighth of its size.</summary>
    /// <param name="network">The network.</param>
    /// <param name="policy">The policy, or null where every task runs every block.</param>
    /// <param name="image">The image.</param>
    public static IReadOnlyList<Plane> Predict(AdaShareNetwork network, DiscretePolicy? policy, BgrImage image)
    {
        using var step = new Step(network.Backend, recordGradients: false);
        IReadOnlyList<Tensor> outputs = network.Forward(step, NetworkInput.Of(step, image), policy?.ToGates(), training: false);
        return [.. outputs.Select(static o => new Plane(o.Shape[1], o.Shape[2], o.Shape[3], o.ToArray<float>()))];
    }
}
