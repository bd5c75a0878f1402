using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What a run's steps must be read with: weights that others trained before, and a training that was made longer.</summary>
public static class BudgetNotes
{
    /// <summary>Whole sentences; none for most runs.</summary>
    /// <param name="metrics">The run's results.</param>
    public static IEnumerable<string> Of(MetricsFile metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        if (metrics.Init?.Origin is { } origin)
        {
            yield return $"The run {origin}: those steps are in none of its figures of budgets.";
        }

        if (metrics.Extended is { } lengths)
        {
            yield return $"The run was extended: its final training had {string.Join(", then ", lengths.Select(static length => HtmlText.Count(length)))} steps at first, and {HtmlText.Count(metrics.FinalSteps)} in the end.";
        }
    }
}
