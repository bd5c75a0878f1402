using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Evaluation;

/// <summary>One number by which checkpoints and policies of a run are chosen: the mean over tasks of the mean gain of each task's metrics over a reference.</summary>
/// <remarks>
/// The gain of a metric is (value - reference) / max(|value|, |reference|), with its sign turned where smaller is better: between -1 and 1 for values of one sign, so that a metric whose
/// reference is near zero (within 11.25 degrees of a constant answer) can't decide alone. The reference is the best constant answer on the validation part, which every run can
/// measure, whatever its method and its warm-up. It is not the paper's Delta, which divides by single-task results and has no bound.
/// </remarks>
public static class SelectionScore
{
    /// <summary>The gain over a reference in percent: 0 for the reference itself, positive if better; not a number where a metric is none, or where nothing can be compared.</summary>
    /// <param name="metrics">What was measured.</param>
    /// <param name="reference">What it refers to.</param>
    /// <param name="tasks">The tasks that count.</param>
    public static double Of(MetricTable metrics, MetricTable reference, IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(tasks);
        double[] ofTasks = [.. tasks.Select(task => OfTask(metrics, reference, task)).OfType<double>()];
        return ofTasks.Length > 0 ? 100 * ofTasks.Average() : double.NaN;
    }

    /// <summary>The gain of a task; null where it has no metric that can be compared. Official readings do not count.</summary>
    private static double? OfTask(MetricTable metrics, MetricTable reference, TaskSpec task)
    {
        double sum = 0;
        int counted = 0;
        foreach (MetricInfo info in task.Kind.Metrics.Where(static info => !info.IsOfficial))
        {
            if (metrics[task.Name].TryGetValue(info.Name, out double value) && reference[task.Name].TryGetValue(info.Name, out double other))
            {
                double scale = Math.Max(Math.Abs(value), Math.Abs(other));
                sum += scale == 0 ? 0 : (info.HigherIsBetter ? 1 : -1) * (value - other) / scale;
                counted++;
            }
        }

        return counted > 0 ? sum / counted : null;
    }
}
