using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Verification;

/// <summary>
/// Surface normals with the loss of a recorded run of double precision: the official code casts the true normals to single precision and normalises them in it, whatever the rest
/// computes in. Their lengths are then off 1 by rounding, and are not corrected.
/// </summary>
internal sealed class OfficialNormals : ITask
{
    // PyTorch's torch.nn.functional.normalize divides by at least this.
    private const float SmallestLength = 1e-12f;
    private const int Coordinates = 3;

    private readonly NormalsTask _normals = new();

    public string Name => _normals.Name;

    public LabelKind LabelKind => _normals.LabelKind;

    public IReadOnlyList<MetricInfo> Metrics => _normals.Metrics;

    public string? Misfit(int channels) => _normals.Misfit(channels);

    public ITaskHead CreateHead(NetworkBuilder builder, HeadSpec spec) => _normals.CreateHead(builder, spec);

    public TaskMetrics CreateMetrics(int channels, bool decodedNormals) => _normals.CreateMetrics(channels, decodedNormals);

    public float[] Trivial(IReadOnlyList<float> labels, int channels) => _normals.Trivial(labels, channels);

    public Plane Read(Step step, Tensor enlarged, bool decodedNormals) => _normals.Read(step, enlarged, decodedNormals);

    public Plane ReadLabel(Plane label, bool decodedNormals) => _normals.ReadLabel(label, decodedNormals);

    public TaskPicture Paint(string name, Plane prediction, (double Low, double High)? range = null) => _normals.Paint(name, prediction, range);

    public TaskError Error(Plane prediction, Plane label) => _normals.Error(prediction, label);

    /// <summary>1 - the sum over valid pixels of the product of the normalised prediction and the target, over their number.</summary>
    public Tensor Loss(Step step, Tensor prediction, Target target)
    {
        double[] direction = new double[target.Values.Length];
        int valid = 0;
        for (int p = 0; p < target.Mask.Length; p++)
        {
            if (target.Mask[p] == 0)
            {
                continue;
            }

            valid++;
            Span<float> normal = target.Values.AsSpan(Coordinates * p, Coordinates);
            float length = Math.Max(SmallestLength, MathF.Sqrt((normal[0] * normal[0]) + (normal[1] * normal[1]) + (normal[2] * normal[2])));
            for (int c = 0; c < Coordinates; c++)
            {
                direction[(Coordinates * p) + c] = normal[c] / length;
            }
        }

        Tensor lengths = step.Sqrt(step.Sum(step.Square(prediction), [3], keepDimensions: true));
        Tensor unit = step.Divide(prediction, lengths);
        Tensor cosines = step.Multiply(unit, step.FromDoubles(prediction.Shape, prediction.DType, direction));
        return step.Scale(step.Sum(cosines), -1.0 / Math.Max(1, valid), 1);
    }
}
