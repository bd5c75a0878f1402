using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Strengths in [-1, 1] for each pixel, trained by the mean absolute error: keypoint heat (<c>keypoint</c>) and edges (<c>edge</c>).</summary>
public sealed class HeatTask : ITask
{
    private const float Ignored = 255;

    private HeatTask(string name, LabelKind label) => (Name, LabelKind) = (name, label);

    /// <summary>Keypoint heat.</summary>
    public static HeatTask Keypoints { get; } = new("keypoint", LabelKind.Keypoints);

    /// <summary>Edge strength.</summary>
    public static HeatTask Edges { get; } = new("edge", LabelKind.Edges);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public LabelKind LabelKind { get; }

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => HeatMetrics.Infos;

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels == 1 ? null : "1, since the task has one output channel";

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => new DenseHead(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target) => AbsoluteError(step, prediction, target);

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new HeatMetrics();

    /// <summary>The median.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels) => Median(labels.Where(static v => v != Ignored));

    /// <inheritdoc/>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals) => Values(enlarged);

    /// <summary>Grey, -1 black and 1 white.</summary>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => new(name, Picture.Of(prediction, (y, x) => Colour.Grey((prediction[y, x, 0] + 1) / 2)));

    /// <summary>The absolute difference.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of(
        "absolute error", "", most: 1, prediction, label, static (predicted, truth) => truth[0] == Ignored ? double.NaN : Math.Abs(predicted[0] - truth[0]));

    /// <summary>The mean absolute error over the pixels that count.</summary>
    internal static Tensor AbsoluteError(Step step, Tensor prediction, Target target)
    {
        Tensor mask = TargetUpload.Of(step, TargetUpload.Pixels(prediction), target.Mask);
        return step.L1Loss(prediction, TargetUpload.Of(step, prediction.Shape, target.Values, prediction.DType), mask);
    }

    /// <summary>The median, or 0 where there is no value.</summary>
    internal static float[] Median(IEnumerable<float> values)
    {
        float[] sorted = [.. values.Order()];
        return [sorted.Length > 0 ? sorted[sorted.Length / 2] : 0];
    }

    /// <summary>One value a pixel, as it was predicted.</summary>
    internal static Plane Values(Tensor enlarged) => new(enlarged.Shape[1], enlarged.Shape[2], 1, enlarged.ToArray<float>());
}
