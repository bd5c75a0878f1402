using System.Globalization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>
/// Of properties of images: the means over properties of accuracy, F1 score and average precision, over the images where a property is known. Average precision is the sum over
/// ranks of (recall gained) x (precision there), equal scores taken together (scikit-learn's <c>average_precision_score</c>).
/// </summary>
/// <param name="properties">The number of properties.</param>
public sealed class AttributesMetrics(int properties) : TaskMetrics
{
    private const float Unknown = 255;

    private static readonly MetricInfo Accuracy = new("accuracy", "accuracy", "%", HigherIsBetter: true);
    private static readonly MetricInfo F1 = new("f1", "F1", "%", HigherIsBetter: true) { IsCompared = false };
    private static readonly MetricInfo AveragePrecision = new("average_precision", "average precision", "%", HigherIsBetter: true);

    private readonly List<(float Logit, bool Truth)>[] _answers = [.. Enumerable.Range(0, properties).Select(static _ => new List<(float, bool)>())];

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [Accuracy, F1, AveragePrecision];

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        ArgumentNullException.ThrowIfNull(label);
        for (int c = 0; c < properties; c++)
        {
            if (label.Values[c] != Unknown)
            {
                _answers[c].Add((prediction[c], label.Values[c] == 1));
            }
        }
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        ArgumentNullException.ThrowIfNull(table);
        List<(float Logit, bool Truth)>[] known = [.. _answers.Where(static answers => answers.Count > 0)];
        List<(float Logit, bool Truth)>[] occurring = [.. known.Where(static answers => answers.Exists(static a => a.Truth))];
        bool isNumber = !known.Any(static answers => answers.Exists(static a => float.IsNaN(a.Logit)));
        double? Number(double? value) => isNumber ? value : double.NaN;
        table.Set(task, Accuracy.Name, Number(100 * Ratio(known.Sum(AccuracyOf), known.Length)));
        table.Set(task, F1.Name, Number(100 * Ratio(occurring.Sum(F1Of), occurring.Length)));
        table.Set(task, AveragePrecision.Name, Number(100 * Ratio(occurring.Sum(PrecisionOf), occurring.Length)));
        for (int c = 0; c < properties; c++)
        {
            if (_answers[c].Count > 0)
            {
                table.SetClass(task, c.ToString(CultureInfo.InvariantCulture), 100 * AccuracyOf(_answers[c]));
            }
        }
    }

    private static double AccuracyOf(List<(float Logit, bool Truth)> answers) => (double)answers.Count(static a => a.Logit > 0 == a.Truth) / answers.Count;

    private static double F1Of(List<(float Logit, bool Truth)> answers)
    {
        int hits = answers.Count(static a => a.Logit > 0 && a.Truth), said = answers.Count(static a => a.Logit > 0), positives = answers.Count(static a => a.Truth);
        return 2.0 * hits / (said + positives);
    }

    private static double PrecisionOf(List<(float Logit, bool Truth)> answers)
    {
        int positives = answers.Count(static a => a.Truth), seen = 0, hits = 0;
        double sum = 0;
        foreach (IGrouping<float, (float Logit, bool Truth)> level in answers.GroupBy(static a => a.Logit).OrderByDescending(static level => level.Key))
        {
            int gained = level.Count(static a => a.Truth);
            (seen, hits) = (seen + level.Count(), hits + gained);
            sum += (double)gained / positives * hits / seen;
        }

        return sum;
    }
}
