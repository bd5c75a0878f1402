using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>Angles between predicted and true normals, in degrees: mean, median, and the share within 11.25, 22.5 and 30 degrees.</summary>
/// <remarks>
/// Corrected reading: normals decoded to [-1, 1]. Official reading: angles between the raw vectors 0 … 255, which halve true gaps. A network that was trained on
/// one space is measured in the other by mapping its direction there; a raw direction meets the sphere of unit normals twice, and the far point is taken,
/// the one whose normal faces the camera.
/// </remarks>
/// <param name="decoded">Whether labels and predictions are decoded.</param>
public sealed class NormalMetrics(bool decoded) : TaskMetrics
{
    private const float Ignored = 255;
    private const double RawScale = 127.5;

    private readonly AngleStatistics _corrected = new();
    private readonly AngleStatistics _official = new();

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [.. AngleStatistics.Infos, .. AngleStatistics.Infos.Select(static info => info.Official())];

    /// <summary>The statistics of the official reading.</summary>
    public AngleStatistics Official => _official;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        int[] rows = NearestIndices(height, label.Height), columns = NearestIndices(width, label.Width);
        for (int y = 0; y < label.Height; y++)
        {
            for (int x = 0; x < label.Width; x++)
            {
                ReadOnlySpan<float> target = label.Values.AsSpan(3 * ((y * label.Width) + x), 3);
                if (Math.Max(target[0], Math.Max(target[1], target[2])) >= Ignored)
                {
                    continue;
                }

                ReadOnlySpan<float> predicted = prediction.Slice(3 * ((rows[y] * width) + columns[x]), 3);
                Vector p = Unit(new Vector(predicted[0], predicted[1], predicted[2]));
                var t = new Vector(target[0], target[1], target[2]);
                _corrected.Add(Cosine(decoded ? p : Decode(p), decoded ? t : FromRaw(t)));
                _official.Add(Cosine(decoded ? ToRaw(p) : p, decoded ? ToRaw(t) : t));
            }
        }
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        _corrected.Report(table, task, string.Empty);
        _official.Report(table, task, "_official");
    }

    /// <summary>Turns a prediction, in place, into a unit normal in [-1, 1].</summary>
    /// <param name="prediction">Three channels, of any length.</param>
    /// <param name="decoded">Whether the network was trained on decoded normals.</param>
    public static void ToUnitNormal(Span<float> prediction, bool decoded)
    {
        Vector unit = Unit(new Vector(prediction[0], prediction[1], prediction[2]));
        Vector normal = decoded ? unit : Decode(unit);
        (prediction[0], prediction[1], prediction[2]) = ((float)normal.X, (float)normal.Y, (float)normal.Z);
    }

    /// <summary>Raw label values 0 … 255 as vectors in [-1, 1]; ignored pixels stay 255 in all channels.</summary>
    /// <param name="raw">Three values a pixel.</param>
    public static float[] FromRaw(ReadOnlySpan<float> raw)
    {
        var normals = new float[raw.Length];
        for (int i = 0; i < raw.Length; i += 3)
        {
            ReadOnlySpan<float> pixel = raw.Slice(i, 3);
            bool ignored = Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) >= Ignored;
            Vector normal = ignored ? new Vector(Ignored, Ignored, Ignored) : FromRaw(new Vector(pixel[0], pixel[1], pixel[2]));
            (normals[i], normals[i + 1], normals[i + 2]) = ((float)normal.X, (float)normal.Y, (float)normal.Z);
        }

        return normals;
    }

    /// <summary>The angle between two vectors of three coordinates, in degrees.</summary>
    public static double Angle(ReadOnlySpan<float> first, ReadOnlySpan<float> second) =>
        Math.Acos(Math.Clamp(Cosine(new Vector(first[0], first[1], first[2]), new Vector(second[0], second[1], second[2])), -1, 1)) / Math.PI * 180;

    private static Vector FromRaw(Vector v) => new((v.X / RawScale) - 1, (v.Y / RawScale) - 1, (v.Z / RawScale) - 1);

    private static Vector ToRaw(Vector v) => new((v.X + 1) * RawScale, (v.Y + 1) * RawScale, (v.Z + 1) * RawScale);

    /// <summary>The unit normal n whose raw vector (n + 1) 127.5 has direction q: n = t q - 1 with t^2 - 2 t sum(q) + 2 = 0, the larger root.</summary>
    private static Vector Decode(Vector q)
    {
        double sum = q.X + q.Y + q.Z;
        double t = sum + Math.Sqrt(Math.Max(0, (sum * sum) - 2));
        return Unit(new Vector((t * q.X) - 1, (t * q.Y) - 1, (t * q.Z) - 1));
    }

    private static double Cosine(Vector a, Vector b)
    {
        Vector u = Unit(a), v = Unit(b);
        return (u.X * v.X) + (u.Y * v.Y) + (u.Z * v.Z);
    }

    private static Vector Unit(Vector v)
    {
        double length = Math.Max(1e-12, Math.Sqrt((v.X * v.X) + (v.Y * v.Y) + (v.Z * v.Z)));
        return new Vector(v.X / length, v.Y / length, v.Z / length);
    }

    private readonly record struct Vector(double X, double Y, double Z);
}

/// <summary>Statistics of angles; the median is exact to a ten-thousandth of a degree, from a histogram of fixed size.</summary>
public sealed class AngleStatistics
{
    private const int Bins = 1 << 21;

    private readonly int[] _histogram = new int[Bins];
    private double _sum;
    private long _within11;
    private long _within22;
    private long _within30;

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } =
    [
        new("angle_mean", "angle mean", "°", HigherIsBetter: false), new("angle_median", "angle median", "°", HigherIsBetter: false),
        new("within_11_25", "within 11.25°", "%", HigherIsBetter: true), new("within_22_5", "within 22.5°", "%", HigherIsBetter: true),
        new("within_30", "within 30°", "%", HigherIsBetter: true),
    ];

    /// <summary>How many angles.</summary>
    public long Count { get; private set; }

    /// <summary>The mean, in degrees; null of nothing, and like the others not a number where an angle was none.</summary>
    public double? Mean => Count > 0 ? _sum / Count : null;

    /// <summary>The median, in degrees.</summary>
    public double? Median => Count == 0 ? null : double.IsNaN(_sum) ? double.NaN : (Quantile((Count - 1) / 2) + Quantile(Count / 2)) / 2;

    /// <summary>The percentage of angles of at most 11.25 degrees.</summary>
    public double? Within11 => Percentage(_within11);

    /// <summary>The percentage of angles of at most 22.5 degrees.</summary>
    public double? Within22 => Percentage(_within22);

    /// <summary>The percentage of angles of at most 30 degrees.</summary>
    public double? Within30 => Percentage(_within30);

    /// <summary>Adds the angle of a cosine.</summary>
    public void Add(double cosine)
    {
        double angle = Math.Acos(Math.Clamp(cosine, -1, 1)) / Math.PI * 180;
        Count++;
        _sum += angle;
        if (double.IsNaN(angle))
        {
            return;
        }

        _within11 += angle <= 11.25 ? 1 : 0;
        _within22 += angle <= 22.5 ? 1 : 0;
        _within30 += angle <= 30 ? 1 : 0;
        _histogram[Math.Min(Bins - 1, (int)(angle / 180 * Bins))]++;
    }

    /// <summary>Writes the statistics under names with a suffix.</summary>
    internal void Report(MetricTable table, string task, string suffix)
    {
        table.Set(task, "angle_mean" + suffix, Mean);
        table.Set(task, "angle_median" + suffix, Median);
        table.Set(task, "within_11_25" + suffix, Within11);
        table.Set(task, "within_22_5" + suffix, Within22);
        table.Set(task, "within_30" + suffix, Within30);
    }

    private double Quantile(long rank)
    {
        long seen = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            seen += _histogram[bin];
            if (seen > rank)
            {
                return (bin + 0.5) * 180 / Bins;
            }
        }

        return 180;
    }

    private double? Percentage(long part) => Count == 0 ? null : double.IsNaN(_sum) ? double.NaN : 100.0 * part / Count;
}
