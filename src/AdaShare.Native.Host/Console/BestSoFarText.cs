using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Each task's main metric in the last validation of a phase, beside its best one there.</summary>
/// <param name="tasks">The tasks.</param>
public sealed class BestSoFarText(IReadOnlyList<TaskSpec> tasks)
{
    private readonly Dictionary<string, (double Best, long Step)> _best = [];

    /// <summary>Forgets the phase before.</summary>
    public void Reset() => _best.Clear();

    /// <summary>The lines after a validation: one a task that was measured.</summary>
    public IReadOnlyList<string> Add(PhaseInfo phase, long step, MetricTable metrics)
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(metrics);
        var lines = new List<string>();
        foreach (TaskSpec task in tasks)
        {
            if (task.Kind.Metrics.FirstOrDefault(info => !info.IsOfficial && metrics[task.Name].ContainsKey(info.Name)) is not { } main)
            {
                continue;
            }

            double value = metrics[task.Name][main.Name];
            bool better = !_best.TryGetValue(task.Name, out (double Best, long Step) best) || (main.HigherIsBetter ? value > best.Best : value < best.Best);
            best = _best[task.Name] = better ? (value, step) : best;
            lines.Add($"{task.Name} {main.Title} {main.Format(value)} at step {step} of {phase.Title}{(better ? ", the best so far" : $"; best {main.Format(best.Best)} at step {best.Step}")}");
        }

        return lines;
    }
}
