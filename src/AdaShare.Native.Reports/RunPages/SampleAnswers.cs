using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>An image of the test part, and what is true and predicted of it for each task of its group.</summary>
/// <param name="Sample">The image with its labels.</param>
/// <param name="Answers">One for each task of the group.</param>
internal sealed record SampleAnswers(Sample Sample, IReadOnlyList<TaskAnswer> Answers)
{
    /// <summary>Predicts for the first images of a group's test part.</summary>
    /// <param name="network">The network.</param>
    /// <param name="group">The tasks that have labels for these images.</param>
    /// <param name="images">How many images.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static IEnumerable<SampleAnswers> Of(TrainedNetwork network, TaskGroup group, int images, bool decodedNormals, CancellationToken stop)
    {
        for (int i = 0; i < Math.Min(images, group.Dataset.Count(Split.Test)); i++)
        {
            stop.ThrowIfCancellationRequested();
            yield return Predict(network, group, i, decodedNormals);
        }
    }

    private static SampleAnswers Predict(TrainedNetwork network, TaskGroup group, int index, bool decodedNormals)
    {
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        Sample sample = group.Dataset.Load(Split.Test, index, [.. group.Tasks.Select(t => tasks[t].Label)]);
        IReadOnlyList<(TaskSpec Task, Plane Prediction)> predicted = network.Predict(sample.Input);
        return new SampleAnswers(sample, [.. group.Tasks.Select(t =>
        {
            if (!sample.Labels.TryGetValue(tasks[t].Label, out Plane? stored))
            {
                return new TaskAnswer(null, predicted[t].Prediction, null);
            }

            Plane label = tasks[t].Kind.ReadLabel(stored, decodedNormals);
            return new TaskAnswer(label, predicted[t].Prediction, tasks[t].Kind.Error(predicted[t].Prediction, label));
        })]);
    }
}

/// <summary>What is true and predicted for a task.</summary>
/// <param name="Label">What is true; null where the image has no label.</param>
/// <param name="Prediction">What the network says.</param>
/// <param name="Error">How far it is off; null where that is not known.</param>
internal sealed record TaskAnswer(Plane? Label, Plane Prediction, TaskError? Error);
