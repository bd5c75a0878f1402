using System.Globalization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>Mean intersection over union, pixel accuracy and cross-entropy.</summary>
/// <param name="classes">The number of classes; larger labels are void.</param>
public sealed class SegmentationMetrics(int classes) : TaskMetrics
{
    private static readonly MetricInfo MeanIouInfo = new("miou", "mean IoU", "%", HigherIsBetter: true);
    private static readonly MetricInfo PixelAccuracy = new("pixel_accuracy", "pixel accuracy", "%", HigherIsBetter: true);
    private static readonly MetricInfo CrossEntropy = new("cross_entropy", "cross entropy", "", HigherIsBetter: false) { IsCompared = false };

    private readonly long[,] _confusion = new long[classes, classes];
    private double _imageAccuracy;
    private double _imageCrossEntropy;
    private double _crossEntropy;
    private int _images;
    private bool _voidIsWrong;
    private IReadOnlyList<float> _weights = [];

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [MeanIouInfo, PixelAccuracy, CrossEntropy, MeanIouInfo.Official(), PixelAccuracy.Official(), CrossEntropy.Official()];

    /// <summary>Pixels whose label is a class.</summary>
    public long ValidPixels { get; private set; }

    /// <summary>Pixels that were predicted right.</summary>
    public long Correct { get; private set; }

    /// <summary>Classes with at least one right pixel: the only ones that the official mean IoU counts.</summary>
    public int ClassesWithTruePositives => Enumerable.Range(0, classes).Count(c => _confusion[c, c] > 0);

    /// <summary>The official pixel accuracy and cross-entropy of the last image.</summary>
    public (double PixelAccuracy, double CrossEntropy)? LastImage { get; private set; }

    /// <summary>In the official reading pixels without a class count as wrong in the pixel accuracy, and classes weigh in the cross-entropy, where the data set says so.</summary>
    public override void Follow(IDataset dataset, Label label)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        (_voidIsWrong, _weights) = (dataset.CountsVoidAsWrong, dataset.ClassWeightsOf(label));
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        int[] rows = NearestIndices(height, label.Height), columns = NearestIndices(width, label.Width);
        var best = new int[height * width];
        var logSum = new double[height * width];
        for (int p = 0; p < best.Length; p++)
        {
            (best[p], logSum[p]) = Summarize(prediction.Slice(p * classes, classes));
        }

        long valid = 0, correct = 0;
        double loss = 0, weightedLoss = 0, weights = 0;
        for (int y = 0; y < label.Height; y++)
        {
            for (int x = 0; x < label.Width; x++)
            {
                int target = (int)label.Values[(y * label.Width) + x];
                if ((uint)target >= (uint)classes)
                {
                    continue;
                }

                int p = (rows[y] * width) + columns[x];
                valid++;
                correct += best[p] == target ? 1 : 0;
                double own = logSum[p] - prediction[(p * classes) + target], weight = target < _weights.Count ? _weights[target] : 1;
                loss += own;
                (weightedLoss, weights) = (weightedLoss + (weight * own), weights + weight);
                _confusion[target, best[p]]++;
            }
        }

        LastImage = null;
        if (valid > 0)
        {
            LastImage = ((double)correct / (_voidIsWrong ? label.Height * label.Width : valid), weights > 0 ? weightedLoss / weights : 0);
            _imageAccuracy += LastImage.Value.PixelAccuracy;
            _imageCrossEntropy += LastImage.Value.CrossEntropy;
            _images++;
        }

        _crossEntropy += loss;
        ValidPixels += valid;
        Correct += correct;
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        table.Set(task, "miou", 100 * MeanIou(official: false));
        table.Set(task, "pixel_accuracy", double.IsNaN(_crossEntropy) ? double.NaN : 100 * Ratio(Correct, ValidPixels));
        table.Set(task, "cross_entropy", Ratio(_crossEntropy, ValidPixels));
        for (int c = 0; c < classes; c++)
        {
            if (Iou(c) is { } iou)
            {
                table.SetClass(task, c.ToString(CultureInfo.InvariantCulture), 100 * iou);
            }
        }

        table.Set(task, "miou_official", 100 * MeanIou(official: true));
        table.Set(task, "pixel_accuracy_official", 100 * Ratio(_imageAccuracy, _images));
        table.Set(task, "cross_entropy_official", Ratio(_imageCrossEntropy, _images));
    }

    /// <summary>
    /// The mean over classes of TP / (TP + FP + FN), 0 … 1. Corrected: over the classes that occur in the labels. Official: over the classes with a true positive.
    /// </summary>
    public double? MeanIou(bool official)
    {
        // A prediction that is not a number has no class.
        if (double.IsNaN(_crossEntropy))
        {
            return double.NaN;
        }

        double[] counted = [.. Enumerable.Range(0, classes).Where(c => !official || _confusion[c, c] > 0).Select(Iou).OfType<double>()];
        return Ratio(counted.Sum(), counted.Length);
    }

    /// <summary>TP / (TP + FP + FN) of a class; null where it does not occur in the labels.</summary>
    private double? Iou(int label)
    {
        long labelled = 0, predicted = 0;
        for (int k = 0; k < classes; k++)
        {
            labelled += _confusion[label, k];
            predicted += _confusion[k, label];
        }

        long hits = _confusion[label, label];
        return labelled > 0 ? hits / (double)(labelled + predicted - hits) : null;
    }

    private static (int Best, double LogSum) Summarize(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int c = 1; c < logits.Length; c++)
        {
            if (logits[c] > logits[best])
            {
                best = c;
            }
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp((double)logit - logits[best]);
        }

        return (best, logits[best] + Math.Log(sum));
    }
}
