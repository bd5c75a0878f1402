using System.Globalization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>Of classes of images: accuracy, the mean of the classes' own accuracies, top-5 accuracy, the mean F1 score and cross-entropy, over the images that have a class.</summary>
/// <param name="classes">The number of classes.</param>
public sealed class ClassMetrics(int classes) : TaskMetrics
{
    private const int Top = 5;

    private static readonly MetricInfo Accuracy = new("accuracy", "accuracy", "%", HigherIsBetter: true);
    private static readonly MetricInfo MeanAccuracy = new("class_accuracy", "mean accuracy of classes", "%", HigherIsBetter: true) { IsCompared = false };
    private static readonly MetricInfo TopAccuracy = new("top5", "top-5 accuracy", "%", HigherIsBetter: true) { IsCompared = false };
    private static readonly MetricInfo F1 = new("f1", "mean F1 of classes", "%", HigherIsBetter: true) { IsCompared = false };
    private static readonly MetricInfo CrossEntropy = new("cross_entropy", "cross entropy", "", HigherIsBetter: false) { IsCompared = false };

    private readonly long[,] _confusion = new long[classes, classes];
    private double _crossEntropy;
    private long _images;
    private long _inTop;

    /// <summary>What is reported; top-5 accuracy where there are more than five classes.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [Accuracy, MeanAccuracy, TopAccuracy, F1, CrossEntropy];

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        ArgumentNullException.ThrowIfNull(label);
        int target = (int)label.Values[0];
        if ((uint)target >= (uint)classes)
        {
            return;
        }

        ReadOnlySpan<float> logits = prediction[..classes];
        int best = 0, above = 0;
        for (int c = 0; c < classes; c++)
        {
            best = logits[c] > logits[best] ? c : best;
            above += logits[c] > logits[target] || (logits[c] == logits[target] && c < target) ? 1 : 0;
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp((double)logit - logits[best]);
        }

        _images++;
        _confusion[target, best]++;
        _inTop += above < Top ? 1 : 0;
        _crossEntropy += logits[best] + Math.Log(sum) - logits[target];
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        ArgumentNullException.ThrowIfNull(table);
        int[] present = [.. Enumerable.Range(0, classes).Where(c => Row(c) > 0)];

        // A prediction that is not a number has no class.
        double? Number(double? value) => double.IsNaN(_crossEntropy) ? double.NaN : value;
        table.Set(task, Accuracy.Name, Number(100 * Ratio(Enumerable.Range(0, classes).Sum(c => _confusion[c, c]), _images)));
        table.Set(task, MeanAccuracy.Name, Number(100 * Ratio(present.Sum(c => (double)_confusion[c, c] / Row(c)), present.Length)));
        table.Set(task, TopAccuracy.Name, classes > Top ? Number(100 * Ratio(_inTop, _images)) : null);
        table.Set(task, F1.Name, Number(100 * Ratio(present.Sum(c => 2.0 * _confusion[c, c] / (Row(c) + Column(c))), present.Length)));
        table.Set(task, CrossEntropy.Name, Ratio(_crossEntropy, _images));
        foreach (int c in present)
        {
            table.SetClass(task, c.ToString(CultureInfo.InvariantCulture), 100.0 * _confusion[c, c] / Row(c));
        }
    }

    private long Row(int label) => Enumerable.Range(0, classes).Sum(c => _confusion[label, c]);

    private long Column(int predicted) => Enumerable.Range(0, classes).Sum(c => _confusion[c, predicted]);
}
