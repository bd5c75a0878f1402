using System.Collections.Concurrent;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Depth, <c>depth</c>: metres for each pixel, or what a data set has instead of them (inverse depth, a logarithm), trained by the mean absolute error.</summary>
public sealed class DepthTask : ITask
{
    private const float Smallest = 3e-5f;
    private const string Metres = "m";

    // Kinds are compared by reference.
    private static readonly ConcurrentDictionary<string, DepthTask> Others = [];

    /// <summary>Depth in metres.</summary>
    public DepthTask()
        : this(Metres)
    {
    }

    private DepthTask(string unit) => (Unit, Metrics) = (unit, DepthMetrics.InfosIn(unit));

    /// <inheritdoc/>
    public string Name => "depth";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.Depth;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics { get; }

    /// <inheritdoc/>
    public string Unit { get; }

    /// <inheritdoc/>
    public bool FollowsScale => true;

    /// <inheritdoc/>
    public ITask In(string unit) => unit == Unit ? this : Others.GetOrAdd(unit, static other => new DepthTask(other));

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels == 1 ? null : "1, since the task has one output channel";

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => new DenseHead(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target) => HeatTask.AbsoluteError(step, prediction, target);

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new DepthMetrics();

    /// <summary>The median.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels) => HeatTask.Median(labels.Where(static v => v > Smallest));

    /// <inheritdoc/>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals) => HeatTask.Values(enlarged);

    /// <summary>The absolute difference.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of(
        "absolute error", Unit, most: null, prediction, label, static (predicted, truth) => truth[0] > Smallest ? Math.Abs(predicted[0] - truth[0]) : double.NaN);

    /// <summary>Near is warm, far is cool.</summary>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        float[] known = [.. prediction.Values.Where(float.IsFinite)];
        (double near, double far) = range ?? (known.Length == 0 ? (0, 0) : (known.Min(), known.Max()));
        double scale = far > near ? 1 / (far - near) : 0;
        Picture picture = Picture.Of(prediction, (y, x) => float.IsFinite(prediction[y, x, 0]) ? Turbo.Of(1 - ((prediction[y, x, 0] - near) * scale)) : Colour.Black);
        return new TaskPicture(name, picture, (near, far));
    }
}
