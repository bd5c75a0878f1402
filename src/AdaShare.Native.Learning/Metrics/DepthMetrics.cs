using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>Absolute and relative depth error, root mean square error, and the share of pixels whose ratio max(p/g, g/p) is at most 1.25, 1.25^2, 1.25^3.</summary>
/// <remarks>The official reading averages errors over images, and counts negative predictions as right in the ratios.</remarks>
public sealed class DepthMetrics : TaskMetrics
{
    private const float Smallest = 3e-5f;

    private static readonly MetricInfo[] Within =
    [
        new("within_1_25", "within 1.25", "%", HigherIsBetter: true), new("within_1_25_2", "within 1.25^2", "%", HigherIsBetter: true),
        new("within_1_25_3", "within 1.25^3", "%", HigherIsBetter: true),
    ];

    private readonly long[] _within = new long[3];
    private readonly long[] _withinOfficial = new long[3];
    private double _absolute;
    private double _relative;
    private double _squared;
    private double _imageAbsolute;
    private double _imageRelative;
    private long _count;
    private int _images;

    /// <summary>What is reported; the official code has no root mean square.</summary>
    /// <param name="unit">The unit of depth: <c>m</c>, or another where a data set has no metres.</param>
    public static IReadOnlyList<MetricInfo> InfosIn(string unit)
    {
        MetricInfo[] errors =
        [
            new("abs_error", "abs error", unit, HigherIsBetter: false), new("rel_error", "rel error", "", HigherIsBetter: false), new("rms_error", "rms error", unit, HigherIsBetter: false) { IsCompared = false },
        ];
        return [.. errors, .. Within, .. errors.Take(2).Select(static info => info.Official()), .. Within.Select(static info => info.Official())];
    }

    /// <summary>Pixels that count.</summary>
    public long Count => _count;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        int[] rows = NearestIndices(height, label.Height), columns = NearestIndices(width, label.Width);
        double absolute = 0, relative = 0;
        long count = 0;
        for (int y = 0; y < label.Height; y++)
        {
            for (int x = 0; x < label.Width; x++)
            {
                double truth = label.Values[(y * label.Width) + x];
                if (truth <= Smallest)
                {
                    continue;
                }

                double predicted = prediction[(rows[y] * width) + columns[x]];
                double error = Math.Abs(predicted - truth);
                absolute += error;
                relative += error / truth;
                _squared += error * error;
                count++;
                CountRatio(predicted, truth);
            }
        }

        _absolute += absolute;
        _relative += relative;
        _count += count;
        if (count > 0)
        {
            _imageAbsolute += absolute / count;
            _imageRelative += relative / count;
            _images++;
        }
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        table.Set(task, "abs_error", Ratio(_absolute, _count));
        table.Set(task, "rel_error", Ratio(_relative, _count));
        table.Set(task, "rms_error", _count > 0 ? Math.Sqrt(_squared / _count) : null);
        ReportWithin(table, task, _within, string.Empty);
        table.Set(task, "abs_error_official", Ratio(_imageAbsolute, _images));
        table.Set(task, "rel_error_official", Ratio(_imageRelative, _images));
        ReportWithin(table, task, _withinOfficial, "_official");
    }

    private void ReportWithin(MetricTable table, string task, long[] counts, string suffix)
    {
        table.Set(task, "within_1_25" + suffix, 100 * Ratio(counts[0], _count));
        table.Set(task, "within_1_25_2" + suffix, 100 * Ratio(counts[1], _count));
        table.Set(task, "within_1_25_3" + suffix, 100 * Ratio(counts[2], _count));
    }

    private void CountRatio(double predicted, double truth)
    {
        double ratio = Math.Max(predicted / truth, truth / predicted);
        double bound = 1;
        for (int i = 0; i < 3; i++)
        {
            bound *= 1.25;
            bool within = ratio <= bound;
            _withinOfficial[i] += within ? 1 : 0;
            _within[i] += within && predicted > 0 ? 1 : 0;
        }
    }
}
