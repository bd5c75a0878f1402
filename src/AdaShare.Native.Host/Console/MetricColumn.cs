using AdaShare.Native.MultiTask.Metrics;

namespace AdaShare.Native.Host.Console;

/// <summary>A column of a table of metrics.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Metrics">The values, or null where there are none.</param>
/// <param name="Deviation">Standard deviations beside means, or null.</param>
public sealed record MetricColumn(string Title, MetricTable? Metrics, MetricTable? Deviation = null)
{
    /// <summary>A value, or null where it is not there.</summary>
    public double? Value(string task, string metric) => Metrics is not null && Metrics[task].TryGetValue(metric, out double value) ? value : null;
}
