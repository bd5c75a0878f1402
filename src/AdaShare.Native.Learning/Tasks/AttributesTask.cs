using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>
/// Several classes an image, <c>attributes</c>: yes or no for each of several properties, trained by binary cross-entropy over the properties that are known
/// (PyTorch's <c>BCEWithLogitsLoss</c>).
/// </summary>
public sealed class AttributesTask : ITask
{
    private const int Unknown = 255;

    /// <inheritdoc/>
    public string Name => "attributes";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.Attributes;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => AttributesMetrics.Infos;

    /// <inheritdoc/>
    public Label LabelOf(string task, int channels) => new(LabelKind, task, channels);

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels >= 1 ? null : "1 property or more";

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => WholeInputHead.Of(builder, spec);

    /// <summary>The logit z of a property is the difference of two: the softmax of (0, z) is (1 - sigmoid(z), sigmoid(z)), so this is the cross-entropy of two classes.</summary>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        Shape each = new(prediction.Shape[0], 1, prediction.Shape[3], 1);
        Tensor yes = step.Reshape(prediction, each);
        Tensor no = step.Scale(yes, 0);
        Tensor logits = step.Concat([no, yes], axis: 3);
        int[] classes = new int[target.Values.Length];
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] = target.Mask[i] == 0 ? Unknown : (int)target.Values[i];
        }

        return step.CrossEntropy(logits, TargetUpload.Of(step, TargetUpload.Pixels(logits), classes), Unknown);
    }

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new AttributesMetrics(channels);

    /// <summary>The logit of each property's frequency, one yes and one no added.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var logits = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            int yes = 1, no = 1;
            for (int i = c; i < labels.Count; i += channels)
            {
                yes += labels[i] == 1 ? 1 : 0;
                no += labels[i] == 0 ? 1 : 0;
            }

            logits[c] = MathF.Log((float)yes / no);
        }

        return logits;
    }

    /// <summary>The probability of each property.</summary>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(enlarged);
        return new Plane(1, 1, enlarged.Shape[3], step.Sigmoid(enlarged).ToArray<float>());
    }

    /// <inheritdoc/>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => throw new NotSupportedException($"{name} speaks of the image as a whole; it is said, not painted");

    /// <summary>The properties that the image more likely has than not; of predictions with their probabilities.</summary>
    public string? Say(Plane prediction, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(names);
        string[] said =
        [
            .. Enumerable.Range(0, prediction.Channels).Where(c => prediction.Values[c] is > 0.5f and <= 1).Select(c =>
                (c < names.Count ? names[c] : $"property {c}") + (prediction.Values[c] == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" {100 * prediction.Values[c]:0} %"))),
        ];
        return said.Length == 0 ? "none" : string.Join(", ", said);
    }

    /// <summary>The share of properties that are wrong.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of("share of properties that are wrong", "", most: 1, prediction, label, static (predicted, truth) =>
    {
        int[] known = [.. Enumerable.Range(0, truth.Length).Where(c => truth[c] != Unknown)];
        return known.Length == 0 ? double.NaN : (double)known.Count(c => predicted[c] > 0.5f != (truth[c] == 1)) / known.Length;
    });
}
