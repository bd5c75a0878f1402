using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>What a network predicts for the first images of the test part, beside labels and errors, as pictures of TensorBoard.</summary>
public static class EventPictures
{
    /// <summary>The pictures by their tags, <c>predictions/TASK/IMAGE</c>: image, label, prediction and error side by side. Tasks that speak of images as a whole have none.</summary>
    /// <param name="network">The network.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="images">How many images of each group of tasks.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="stop">Stops between images.</param>
    public static IEnumerable<(string Tag, Picture Picture)> Of(TrainedNetwork network, IDataset dataset, int images, bool decodedNormals, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(network);
        IReadOnlyList<TaskSpec> tasks = network.Model.Tasks;
        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks).Where(group => group.Tasks.Any(t => !tasks[t].Label.IsOfImage)))
        {
            SampleAnswers[] shown = [.. SampleAnswers.Of(network, group, images, decodedNormals, stop)];
            for (int i = 0; i < group.Tasks.Count; i++)
            {
                TaskSpec task = tasks[group.Tasks[i]];
                if (task.Label.IsOfImage)
                {
                    continue;
                }

                TaskAnswer[] answers = [.. shown.Select(image => image.Answers[i])];
                var scale = AnswerScale.Of(answers);
                for (int n = 0; n < shown.Length; n++)
                {
                    yield return ($"predictions/{task.Name}/{shown[n].Sample.Id}", AnswerPictures.SideBySide(task, Picture.Of(shown[n].Sample.Image), answers[n], scale));
                }
            }
        }
    }
}
