namespace AdaShare.Native.MultiTask.Metrics;

/// <summary>One number for a table of metrics, relative to a reference: the mean over tasks of the mean relative gain of each task's metrics.</summary>
/// <remarks>
/// The paper's Delta. The reference is measured (the warm-up network on the validation part), not taken from a table, so any data set and any mix of tasks has one.
/// </remarks>
public static class SelectionScore
{
    private static readonly string[] LowerBetter = ["cross_entropy", "angle_mean", "angle_median", "abs_error", "rel_error", "rms_error", "l1"];

    /// <summary>Whether smaller values of a metric are better.</summary>
    public static bool LowerIsBetter(string metric) => Array.IndexOf(LowerBetter, Plain(metric)) >= 0;

    /// <summary>The gain over a reference in percent: 0 for the reference itself, positive if better. Official readings and metrics with reference 0 do not count.</summary>
    public static double Of(MetricTable metrics, MetricTable reference)
    {
        double total = 0;
        foreach (string task in metrics.Tasks)
        {
            double gain = 0;
            int counted = 0;
            foreach ((string name, double value) in metrics[task])
            {
                if (Plain(name) == name && reference[task].TryGetValue(name, out double other) && other != 0)
                {
                    gain += (LowerIsBetter(name) ? -1 : 1) * (value - other) / Math.Abs(other);
                    counted++;
                }
            }

            total += counted > 0 ? gain / counted : 0;
        }

        return metrics.Tasks.Count > 0 ? 100 * total / metrics.Tasks.Count : 0;
    }

    private static string Plain(string metric) => metric.EndsWith("_official", StringComparison.Ordinal) ? metric[..^"_official".Length] : metric;
}
