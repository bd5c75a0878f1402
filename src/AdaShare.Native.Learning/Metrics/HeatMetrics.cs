using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>The mean absolute error of keypoint heat or edge strength; the official reading averages over images.</summary>
public sealed class HeatMetrics : TaskMetrics
{
    private const float Ignored = 255;

    private static readonly MetricInfo AbsoluteError = new("l1", "mean absolute error", "", HigherIsBetter: false);

    private double _sum;
    private double _imageSum;
    private long _count;
    private int _images;

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [AbsoluteError, AbsoluteError.Official()];

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        int[] rows = NearestIndices(height, label.Height), columns = NearestIndices(width, label.Width);
        double sum = 0;
        long count = 0;
        for (int y = 0; y < label.Height; y++)
        {
            for (int x = 0; x < label.Width; x++)
            {
                float truth = label.Values[(y * label.Width) + x];
                if (truth != Ignored)
                {
                    sum += Math.Abs(prediction[(rows[y] * width) + columns[x]] - truth);
                    count++;
                }
            }
        }

        _sum += sum;
        _count += count;
        if (count > 0)
        {
            _imageSum += sum / count;
            _images++;
        }
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        table.Set(task, "l1", Ratio(_sum, _count));
        table.Set(task, "l1_official", Ratio(_imageSum, _images));
    }
}
