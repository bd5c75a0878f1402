using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>
/// Regression, <c>values</c>: one number or several about an image, trained by the mean absolute error over the numbers that are known, which an outlier can't outweigh
/// (PyTorch's <c>L1Loss</c>). Numbers of very different size should be scaled to a like one in the data set.
/// </summary>
public sealed class ValuesTask : ITask
{
    /// <inheritdoc/>
    public string Name => "values";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.Values;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => ValuesMetrics.Infos;

    /// <inheritdoc/>
    public Label LabelOf(string task, int channels) => new(LabelKind, task, channels);

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels >= 1 ? null : "1 number or more";

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => WholeInputHead.Of(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);

        // Each number has a mask of its own, so it stands as a pixel.
        Tensor numbers = step.Reshape(prediction, new Shape(prediction.Shape[0], 1, prediction.Shape[3], 1));
        Tensor mask = TargetUpload.Of(step, TargetUpload.Pixels(numbers), target.Mask);
        return step.L1Loss(numbers, TargetUpload.Of(step, numbers.Shape, target.Values, numbers.DType), mask);
    }

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new ValuesMetrics(channels);

    /// <summary>The median of each number.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return [.. Enumerable.Range(0, channels).SelectMany(c => HeatTask.Median(labels.Where((value, i) => i % channels == c && float.IsFinite(value))))];
    }

    /// <summary>The numbers as they were predicted.</summary>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(enlarged);
        return new Plane(1, 1, enlarged.Shape[3], enlarged.ToArray<float>());
    }

    /// <inheritdoc/>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => throw new NotSupportedException($"{name} speaks of the image as a whole; it is said, not painted");

    /// <summary>The numbers, with their names where there are some.</summary>
    public string? Say(Plane prediction, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(names);
        return string.Join(", ", prediction.Values.Select((value, c) => (c < names.Count ? names[c] + " " : "") + (float.IsFinite(value) ? value.ToString("G4", CultureInfo.InvariantCulture) : "-")));
    }

    /// <summary>The mean absolute difference over the numbers that are known.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of("absolute error", "", most: null, prediction, label, static (predicted, truth) =>
    {
        int[] known = [.. Enumerable.Range(0, truth.Length).Where(c => float.IsFinite(truth[c]))];
        return known.Length == 0 ? double.NaN : known.Average(c => Math.Abs((double)predicted[c] - truth[c]));
    });
}
