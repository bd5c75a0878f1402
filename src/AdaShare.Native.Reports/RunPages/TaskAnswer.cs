using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What is true and predicted for a task.</summary>
/// <param name="Label">What is true; null where the image has no label.</param>
/// <param name="Prediction">What the network says.</param>
/// <param name="Error">How far it is off; null where that is not known.</param>
public sealed record TaskAnswer(Plane? Label, Plane Prediction, TaskError? Error)
{
    /// <summary>Holds a prediction against the label, where there is one.</summary>
    /// <param name="task">The task.</param>
    /// <param name="prediction">What <see cref="ITask.Read"/> returned.</param>
    /// <param name="labels">The labels of the image as they are stored.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    public static TaskAnswer Of(TaskSpec task, Plane prediction, IReadOnlyDictionary<Label, Plane> labels, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(labels);
        if (!labels.TryGetValue(task.Label, out Plane? stored))
        {
            return new TaskAnswer(null, prediction, null);
        }

        Plane label = task.Kind.ReadLabel(stored, decodedNormals);
        return new TaskAnswer(label, prediction, task.Kind.Error(prediction, label));
    }
}
