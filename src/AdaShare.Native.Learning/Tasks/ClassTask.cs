using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Classification, <c>class</c>: one class an image, trained by cross-entropy over the images that have one.</summary>
public sealed class ClassTask : ITask
{
    private const int LeastClasses = 2;
    private const int Missing = -1;
    private const int Said = 3;

    /// <inheritdoc/>
    public string Name => "class";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.Class;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => ClassMetrics.Infos;

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels >= LeastClasses ? null : $"{LeastClasses} classes or more";

    /// <inheritdoc/>
    public string? Misfit(TaskSpec task, IDataset dataset) => TooFewClasses(task, dataset);

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => WholeInputHead.Of(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        return step.CrossEntropy(prediction, TargetUpload.Of(step, TargetUpload.Pixels(prediction), target.Classes), Missing, TargetUpload.ClassWeights(step, prediction, target));
    }

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new ClassMetrics(channels);

    /// <summary>The logarithm of each class's frequency, one count added to each: the most frequent class is the answer.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels) => SegmentationTask.LogFrequencies(labels, channels);

    /// <summary>The probability of each class.</summary>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(enlarged);
        return new Plane(1, 1, enlarged.Shape[3], step.Softmax(enlarged).ToArray<float>());
    }

    /// <inheritdoc/>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => throw new NotSupportedException($"{name} speaks of the image as a whole; it is said, not painted");

    /// <summary>The likeliest classes with their probabilities; of a label its class.</summary>
    public string? Say(Plane prediction, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(names);
        string NameOf(int c) => c < names.Count ? names[c] : $"class {c}";
        if (prediction.Channels == 1)
        {
            return prediction.Values[0] < 0 ? "-" : NameOf((int)prediction.Values[0]);
        }

        IEnumerable<int> best = Enumerable.Range(0, prediction.Channels).OrderByDescending(c => prediction.Values[c]).Take(Said);
        return string.Join(", ", best.Where((c, rank) => rank == 0 || prediction.Values[c] >= 0.01).Select(c => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{NameOf(c)} {100 * prediction.Values[c]:0} %")));
    }

    /// <summary>1 where the likeliest class is wrong, else 0.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of(
        "wrong class", "", most: 1, prediction, label, static (predicted, truth) => truth[0] < 0 ? double.NaN : predicted.AsSpan().IndexOf(predicted.Max()) == (int)truth[0] ? 0 : 1);

    /// <summary>Why a data set's classes are more than a task's; null where they are not.</summary>
    internal static string? TooFewClasses(TaskSpec task, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(dataset);
        int classes = dataset.ClassesOf(task.Label);
        return classes <= task.Channels ? null : $"{task.Name} has {task.Channels} classes, {dataset.Name} has {classes}; give at least that many";
    }
}
