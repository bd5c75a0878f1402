using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Evaluation;

/// <summary>One number for a table of metrics, relative to a reference: the mean over tasks of the mean relative gain of each task's metrics.</summary>
public static class SelectionScore
{
    /// <summary>The gain over a reference in percent: 0 for the reference itself, positive if better. Official readings and metrics with reference 0 do not count.</summary>
    /// <param name="metrics">What was measured.</param>
    /// <param name="reference">What it refers to.</param>
    /// <param name="tasks">The tasks that count.</param>
    public static double Of(MetricTable metrics, MetricTable reference, IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(tasks);
        double total = 0;
        foreach (TaskSpec task in tasks)
        {
            double gain = 0;
            int counted = 0;
            foreach (MetricInfo info in task.Kind.Metrics.Where(static info => !info.IsOfficial))
            {
                if (metrics[task.Name].TryGetValue(info.Name, out double value) && reference[task.Name].TryGetValue(info.Name, out double other) && other != 0)
                {
                    gain += (info.HigherIsBetter ? 1 : -1) * (value - other) / Math.Abs(other);
                    counted++;
                }
            }

            total += counted > 0 ? gain / counted : 0;
        }

        return tasks.Count > 0 ? 100 * total / tasks.Count : 0;
    }
}
