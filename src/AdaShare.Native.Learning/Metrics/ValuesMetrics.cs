using System.Globalization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>
/// Of numbers about images: the means over numbers of the mean absolute error, of the root of the mean squared error, and of R2 = 1 - (squared error) / (squared deviation from the
/// mean), which is 0 for the mean itself and has no value where the truth is constant.
/// </summary>
/// <param name="numbers">How many numbers an image has.</param>
public sealed class ValuesMetrics(int numbers) : TaskMetrics
{
    private static readonly MetricInfo AbsoluteError = new("mae", "mean absolute error", "", HigherIsBetter: false);
    private static readonly MetricInfo RootError = new("rmse", "rms error", "", HigherIsBetter: false) { IsCompared = false };
    private static readonly MetricInfo Determination = new("r2", "R2", "", HigherIsBetter: true) { IsCompared = false };

    private readonly List<(double Prediction, double Truth)>[] _answers = [.. Enumerable.Range(0, numbers).Select(static _ => new List<(double, double)>())];

    /// <summary>What is reported.</summary>
    public static IReadOnlyList<MetricInfo> Infos { get; } = [AbsoluteError, RootError, Determination];

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<float> prediction, int height, int width, Plane label)
    {
        ArgumentNullException.ThrowIfNull(label);
        for (int c = 0; c < numbers; c++)
        {
            if (float.IsFinite(label.Values[c]))
            {
                _answers[c].Add((prediction[c], label.Values[c]));
            }
        }
    }

    /// <inheritdoc/>
    public override void Report(MetricTable table, string task)
    {
        ArgumentNullException.ThrowIfNull(table);
        List<(double Prediction, double Truth)>[] known = [.. _answers.Where(static answers => answers.Count > 0)];
        double[] determination = [.. known.Select(DeterminationOf).OfType<double>()];
        table.Set(task, AbsoluteError.Name, Ratio(known.Sum(AbsoluteOf), known.Length));
        table.Set(task, RootError.Name, Ratio(known.Sum(static answers => Math.Sqrt(SquaresOf(answers) / answers.Count)), known.Length));
        table.Set(task, Determination.Name, Ratio(determination.Sum(), determination.Length));
        for (int c = 0; numbers > 1 && c < numbers; c++)
        {
            if (_answers[c].Count > 0)
            {
                table.SetClass(task, c.ToString(CultureInfo.InvariantCulture), AbsoluteOf(_answers[c]));
            }
        }
    }

    private static double AbsoluteOf(List<(double Prediction, double Truth)> answers) => answers.Average(static a => Math.Abs(a.Prediction - a.Truth));

    private static double SquaresOf(List<(double Prediction, double Truth)> answers) => answers.Sum(static a => (a.Prediction - a.Truth) * (a.Prediction - a.Truth));

    private static double? DeterminationOf(List<(double Prediction, double Truth)> answers)
    {
        double mean = answers.Average(static a => a.Truth), spread = answers.Sum(a => (a.Truth - mean) * (a.Truth - mean));
        return spread > 0 ? 1 - (SquaresOf(answers) / spread) : null;
    }
}
