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
        return new SampleAnswers(sample, [.. network.Predict([sample.Input], group.Tasks)[0].Select(said => TaskAnswer.Of(said.Task, said.Prediction, sample.Labels, decodedNormals))]);
    }
}
