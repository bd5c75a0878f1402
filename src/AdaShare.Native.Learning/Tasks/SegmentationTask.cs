using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Semantic segmentation, <c>seg</c>: a class for each pixel, trained by cross-entropy over the pixels that have one, weighted by class where the data set says so.</summary>
public sealed class SegmentationTask : ITask
{
    /// <summary>The label that ignores a pixel.</summary>
    public const int IgnoreLabel = 255;

    private const int LeastClasses = 2;

    /// <inheritdoc/>
    public string Name => "seg";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.Segmentation;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => SegmentationMetrics.Infos;

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels is >= LeastClasses and <= IgnoreLabel ? null : $"{LeastClasses} to {IgnoreLabel} classes, since label {IgnoreLabel} is the one that is ignored";

    /// <inheritdoc/>
    public string? Misfit(TaskSpec task, IDataset dataset) => ClassTask.TooFewClasses(task, dataset);

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => new DenseHead(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(target);
        return step.CrossEntropy(prediction, TargetUpload.Of(step, TargetUpload.Pixels(prediction), target.Classes), IgnoreLabel, TargetUpload.ClassWeights(step, prediction, target));
    }

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new SegmentationMetrics(channels);

    /// <summary>The logarithm of each class's frequency, one count added to each: the most frequent class is the answer.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels) => LogFrequencies(labels, channels);

    /// <summary>The logarithm of each class's frequency, one count added to each; labels that are no class count in the whole.</summary>
    internal static float[] LogFrequencies(IReadOnlyList<float> labels, int channels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var counts = new double[channels];
        foreach (float value in labels)
        {
            int c = (int)value;
            if ((uint)c < (uint)channels)
            {
                counts[c]++;
            }
        }

        return [.. counts.Select(c => (float)Math.Log((c + 1) / (labels.Count + channels)))];
    }

    /// <inheritdoc/>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(enlarged);
        int[] classes = step.ArgMax(enlarged).ToArray<int>();
        return new Plane(enlarged.Shape[1], enlarged.Shape[2], 1, Array.ConvertAll(classes, static c => (float)c));
    }

    /// <summary>A colour for each class.</summary>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => new(name, Picture.Of(prediction, (y, x) => ClassPalette.Of((int)prediction[y, x, 0])));

    /// <summary>1 where the class is wrong, else 0.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of(
        "wrong class", "", most: 1, prediction, label, static (predicted, truth) => truth[0] == IgnoreLabel ? double.NaN : predicted[0] == truth[0] ? 0 : 1);
}
