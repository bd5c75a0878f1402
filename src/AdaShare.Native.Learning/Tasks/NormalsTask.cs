using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Surface normals, <c>sn</c>: a direction for each pixel in z, y, x order, trained by 1 - mean cosine.</summary>
public sealed class NormalsTask : ITask
{
    private const int Coordinates = 3;
    private const float Ignored = 255;

    // Pictures of errors would show little if their scale went to 180.
    private const double WorstAngle = 60;

    /// <inheritdoc/>
    public string Name => "sn";

    /// <inheritdoc/>
    public LabelKind LabelKind => LabelKind.SurfaceNormals;

    /// <inheritdoc/>
    public IReadOnlyList<MetricInfo> Metrics => NormalMetrics.Infos;

    /// <inheritdoc/>
    public string? Misfit(int channels) => channels == Coordinates ? null : $"{Coordinates}, the coordinates of a surface normal";

    /// <inheritdoc/>
    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => new DenseHead(builder, spec);

    /// <inheritdoc/>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        Tensor mask = TargetUpload.Of(step, TargetUpload.Pixels(prediction), target.Mask);
        return step.CosineLoss(prediction, TargetUpload.Of(step, prediction.Shape, target.Values, prediction.DType), mask);
    }

    /// <inheritdoc/>
    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => new NormalMetrics(decodedNormals);

    /// <summary>The mean direction.</summary>
    public float[] Trivial(IReadOnlyList<float> labels, int channels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var sum = new double[Coordinates];
        for (int i = 0; i + 2 < labels.Count; i += Coordinates)
        {
            double x = labels[i], y = labels[i + 1], z = labels[i + 2];
            double length = Math.Sqrt((x * x) + (y * y) + (z * z));
            if (Math.Max(x, Math.Max(y, z)) < Ignored && length > 0)
            {
                sum[0] += x / length;
                sum[1] += y / length;
                sum[2] += z / length;
            }
        }

        return [.. sum.Select(static s => (float)s)];
    }

    /// <inheritdoc/>
    public Plane Read(Step step, Tensor enlarged, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(enlarged);
        float[] values = enlarged.ToArray<float>();
        for (int i = 0; i < values.Length; i += Coordinates)
        {
            NormalMetrics.ToUnitNormal(values.AsSpan(i, Coordinates), decodedNormals);
        }

        return new Plane(enlarged.Shape[1], enlarged.Shape[2], Coordinates, values);
    }

    /// <summary>(n + 1) / 2 of the unit normal, x in red, y in green, z in blue; black where there is no direction, or an ignored label.</summary>
    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => new(name, Picture.Of(prediction, (y, x) => Colour(prediction, y, x)));

    /// <summary>Raw normals become unit vectors in [-1, 1]; ignored ones stay 255.</summary>
    public Plane ReadLabel(Plane label, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(label);
        return decodedNormals ? label : new Plane(label.Height, label.Width, Coordinates, NormalMetrics.FromRaw(label.Values));
    }

    /// <summary>The angle between both.</summary>
    public TaskError Error(Plane prediction, Plane label) => TaskError.Of(
        "angle", "°", most: WorstAngle, prediction, label, static (predicted, truth) => Math.Max(truth[0], Math.Max(truth[1], truth[2])) >= Ignored ? double.NaN : NormalMetrics.Angle(predicted, truth));

    private static Colour Colour(Plane plane, int y, int x)
    {
        (double r, double g, double b) = (plane[y, x, 2], plane[y, x, 1], plane[y, x, 0]);
        double length = Math.Sqrt((r * r) + (g * g) + (b * b));
        bool known = length > 0 && double.IsFinite(length) && Math.Max(r, Math.Max(g, b)) < Ignored;
        return known ? Pictures.Colour.Of(((r / length) + 1) / 2, ((g / length) + 1) / 2, ((b / length) + 1) / 2) : Pictures.Colour.Black;
    }
}
