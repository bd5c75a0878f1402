using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Host.Console;

/// <summary>A column of a table of metrics.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Metrics">The values, or null where there are none.</param>
/// <param name="Deviation">Standard deviations beside means, or null.</param>
public sealed record MetricColumn(string Title, MetricTable? Metrics, MetricTable? Deviation = null)
{
    /// <summary>Whether these are the best constant answers, which a network must beat.</summary>
    public bool IsTrivial { get; init; }

    /// <summary>The column of the best constant answers.</summary>
    public static MetricColumn Trivial(MetricTable metrics) => new("trivial", metrics) { IsTrivial = true };

    /// <summary>A value, or null where it is not there.</summary>
    public double? Value(string task, string metric) => Metrics is not null && Metrics[task].TryGetValue(metric, out double value) ? value : null;
}
