using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>
/// A kind of task: everything that depends on what is predicted. Adding a kind is one file and one line in <see cref="TaskRegistry"/>; trainer, evaluation, tables and pictures ask
/// only this.
/// </summary>
public interface ITask
{
    /// <summary>The kind's name in configurations, for example <c>seg</c>; also the name of a task that says nothing else.</summary>
    string Name { get; }

    /// <summary>What its label says.</summary>
    LabelKind LabelKind { get; }

    /// <summary>The label that a task of the kind is trained on: the data set's only one of its kind where the task has the kind's name, else the one with the task's name.</summary>
    /// <param name="task">The task's name.</param>
    /// <param name="channels">Channels of its prediction.</param>
    Label LabelOf(string task, int channels) => task == Name ? Label.Of(LabelKind) : Label.Of(LabelKind, task);

    /// <summary>The unit of labels and predictions; empty where they are numbers without one.</summary>
    string Unit => "";

    /// <summary>The same kind with labels in another unit; itself where the kind has none.</summary>
    /// <param name="unit">The unit of the data set's labels.</param>
    ITask In(string unit) => this;

    /// <summary>The metrics that are reported, those of the official reading included, in their order.</summary>
    IReadOnlyList<MetricInfo> Metrics { get; }

    /// <summary>Why a number of output channels does not fit, as what was expected; null where it fits.</summary>
    string? Misfit(int channels);

    /// <summary>Why a data set doesn't fit a task, as one sentence; null where it fits.</summary>
    string? Misfit(TaskSpec task, IDataset dataset) => null;

    /// <summary>Declares the head that predicts from features.</summary>
    ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec);

    /// <summary>The loss of a batch, a scalar: the mean over the pixels that have a label.</summary>
    /// <param name="step">The step that owns the loss.</param>
    /// <param name="prediction">[N, h, w, channels]; h and w are 1 for tasks that speak of the image as a whole.</param>
    /// <param name="target">The target at the prediction's size.</param>
    Tensor Loss(Step step, Tensor prediction, Target target);

    /// <summary>A new accumulator of metrics.</summary>
    /// <param name="channels">Channels of the prediction.</param>
    /// <param name="decodedNormals">Whether normals, in labels and predictions, are decoded to [-1, 1].</param>
    TaskMetrics CreateMetrics(int channels, bool decodedNormals);

    /// <summary>The best constant answer to some labels.</summary>
    /// <param name="labels">Values of label pixels, each with the label's channels; ignored ones included.</param>
    /// <param name="channels">Channels of a prediction.</param>
    /// <returns>A prediction of one pixel.</returns>
    float[] Trivial(IReadOnlyList<float> labels, int channels);

    /// <summary>
    /// What a prediction means, at the size of the image: class indices, unit normals (z, y, x), metres, strengths; for tasks that speak of the image as a whole one pixel: probabilities of
    /// classes or attributes, values.
    /// </summary>
    /// <param name="step">The step that owns <paramref name="enlarged"/>.</param>
    /// <param name="enlarged">[1, H, W, channels], or [1, 1, 1, channels].</param>
    /// <param name="decodedNormals">Whether the network was trained on decoded normals.</param>
    Plane Read(Step step, Tensor enlarged, bool decodedNormals);

    /// <summary>A label in the form in which <see cref="Read"/> gives predictions, so that both are painted alike.</summary>
    /// <param name="label">The label.</param>
    /// <param name="decodedNormals">Whether normals are decoded to [-1, 1].</param>
    Plane ReadLabel(Plane label, bool decodedNormals) => label;

    /// <summary>Whether the colours of <see cref="Paint"/> follow a scale that is as wide as what is predicted, so that pictures can be compared only where they share one.</summary>
    bool FollowsScale => false;

    /// <summary>Paints what <see cref="Read"/> or <see cref="ReadLabel"/> returned.</summary>
    /// <param name="name">The task's name, for the picture.</param>
    /// <param name="prediction">The prediction.</param>
    /// <param name="range">For tasks whose colours follow a scale, its ends, so that several pictures have one; those of the picture if null.</param>
    /// <exception cref="NotSupportedException">The task speaks of the image as a whole: <see cref="Say"/> has the words for it.</exception>
    TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null);

    /// <summary>What <see cref="Read"/> or <see cref="ReadLabel"/> returned, in words; null for tasks of pixels, which are painted.</summary>
    /// <param name="prediction">The prediction or label.</param>
    /// <param name="names">The names of classes or channels; numbers stand in where there are none.</param>
    string? Say(Plane prediction, IReadOnlyList<string> names) => null;

    /// <summary>How far a prediction is off, pixel by pixel.</summary>
    /// <param name="prediction">What <see cref="Read"/> returned.</param>
    /// <param name="label">What <see cref="ReadLabel"/> returned, of the same size.</param>
    TaskError Error(Plane prediction, Plane label);
}
