using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Evaluation;

/// <summary>Measures a model on a part of a data set: whole images, one at a time, in evaluation mode.</summary>
public static class Evaluator
{
    /// <summary>Measures every task.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gates">The gates of the passes.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="split">The part.</param>
    /// <param name="limit">At most so many images of each group; 0 for all.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static MetricTable Evaluate(IModel model, GateTable gates, IDataset dataset, Split split, int limit, bool decodedNormals, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        TaskMetrics[] metrics = [.. model.Tasks.Select(task => task.CreateMetrics(decodedNormals))];
        foreach (TaskGroup group in TaskGroup.Of(dataset, model.Tasks))
        {
            Label[] labels = [.. group.Tasks.Select(t => model.Tasks[t].Label)];
            for (int i = 0; i < labels.Length; i++)
            {
                metrics[group.Tasks[i]].Follow(group.Dataset, labels[i]);
            }

            foreach (Sample sample in new SamplePrefetcher(group.Dataset, split, labels, limit))
            {
                stop.ThrowIfCancellationRequested();
                IReadOnlyList<Plane> predictions = Predict(model, gates, sample.Input, group.Tasks);
                for (int i = 0; i < labels.Length; i++)
                {
                    if (sample.Labels.TryGetValue(labels[i], out Plane? label))
                    {
                        metrics[group.Tasks[i]].Add(predictions[i].Values, predictions[i].Height, predictions[i].Width, label);
                    }
                }
            }
        }

        return MetricTable.Of(model.Tasks.Select((task, t) => (task.Name, metrics[t])));
    }

    /// <summary>The raw predictions for one image, at the size of the network's features.</summary>
    /// <param name="model">The model.</param>
    /// <param name="gates">The gates of the pass.</param>
    /// <param name="image">The image, or text.</param>
    /// <param name="tasks">Which tasks; all if null.</param>
    public static IReadOnlyList<Plane> Predict(IModel model, GateTable gates, StoredInput image, IReadOnlyList<int>? tasks = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var step = new Step(model.Backend, recordGradients: false);
        return [.. Forward(step, model, gates, [image], tasks).Select(static o => new Plane(o.Shape[1], o.Shape[2], o.Shape[3], o.ToArray<float>()))];
    }

    /// <summary>The pass of evaluations and predictions: images of one size through the network in evaluation mode.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="model">The model.</param>
    /// <param name="gates">The gates of the pass.</param>
    /// <param name="images">At least one image, or text, all of one size.</param>
    /// <param name="tasks">Which tasks; all if null.</param>
    /// <returns>[N, h, w, channels] for each of the tasks.</returns>
    internal static IReadOnlyList<Tensor> Forward(Step step, IModel model, GateTable gates, IReadOnlyList<StoredInput> images, IReadOnlyList<int>? tasks) =>
        model.Forward(step, new InputGroup(NetworkInput.Of(step, images, model.Input), tasks ?? [.. Enumerable.Range(0, model.Tasks.Count)]), ForwardContext.Evaluation(gates));
}
