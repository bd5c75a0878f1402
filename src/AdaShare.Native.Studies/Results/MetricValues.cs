namespace AdaShare.Native.Studies.Results;

/// <summary>Values by task and metric; null, or not finite, where a metric is not defined (a class that is absent, a network that diverged).</summary>
public sealed class MetricValues : Dictionary<string, Dictionary<string, double?>>
{
    /// <summary>Sets a value.</summary>
    /// <returns>This table.</returns>
    public MetricValues Set(string task, string metric, double? value)
    {
        if (!TryGetValue(task, out Dictionary<string, double?>? metrics))
        {
            this[task] = metrics = [];
        }

        metrics[metric] = value;
        return this;
    }

    /// <summary>The value of a metric; null where it is absent, null or not finite.</summary>
    public double? Finite(MetricDescription metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return TryGetValue(metric.Task, out Dictionary<string, double?>? metrics) && metrics.TryGetValue(metric.Name, out double? value) && value is { } number && double.IsFinite(number) ? number : null;
    }
}
