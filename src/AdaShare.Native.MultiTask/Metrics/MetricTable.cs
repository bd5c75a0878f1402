namespace AdaShare.Native.MultiTask.Metrics;

/// <summary>Metric values by task and metric name, in the order in which they were added.</summary>
public sealed class MetricTable
{
    private readonly Dictionary<string, Dictionary<string, double>> _values = [];

    /// <summary>The tasks.</summary>
    public IReadOnlyCollection<string> Tasks => _values.Keys;

    /// <summary>The metrics of a task; empty where it has none.</summary>
    public IReadOnlyDictionary<string, double> this[string task] => _values.TryGetValue(task, out Dictionary<string, double>? metrics) ? metrics : new Dictionary<string, double>();

    /// <summary>Sets a value.</summary>
    public void Set(string task, string metric, double value)
    {
        if (!_values.TryGetValue(task, out Dictionary<string, double>? metrics))
        {
            _values[task] = metrics = [];
        }

        metrics[metric] = value;
    }

    /// <summary>The values as nested dictionaries, for serialisation.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, double>> ToDictionary() => _values;
}
