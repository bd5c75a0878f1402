namespace AdaShare.Native.Learning.Metrics;

/// <summary>Metric values by task and metric name, in the order in which they were added.</summary>
public sealed class MetricTable
{
    private readonly Dictionary<string, Dictionary<string, double>> _values = [];
    private readonly Dictionary<string, Dictionary<string, double>> _classes = [];

    /// <summary>The tasks.</summary>
    public IReadOnlyCollection<string> Tasks => _values.Keys;

    /// <summary>The metrics of a task; empty where it has none.</summary>
    public IReadOnlyDictionary<string, double> this[string task] => _values.TryGetValue(task, out Dictionary<string, double>? metrics) ? metrics : new Dictionary<string, double>();

    /// <summary>The metrics of several tasks.</summary>
    public static MetricTable Of(IEnumerable<(string Task, TaskMetrics Metrics)> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var table = new MetricTable();
        foreach ((string task, TaskMetrics metrics) in tasks)
        {
            metrics.Report(table, task);
        }

        return table;
    }

    /// <summary>Sets a value. Where nothing was measured there is none: null leaves it out. A value that is not a number stays, so that somebody notices.</summary>
    public void Set(string task, string metric, double? value)
    {
        if (value is { } measured)
        {
            Set(_values, task, metric, measured);
        }
    }

    /// <summary>Sets the value of one class.</summary>
    public void SetClass(string task, string label, double value) => Set(_classes, task, label, value);

    /// <summary>The values of single classes as dictionaries of their own, by task and class.</summary>
    public Dictionary<string, Dictionary<string, double>> CopyClasses() => _classes.ToDictionary(static pair => pair.Key, static pair => new Dictionary<string, double>(pair.Value));

    /// <summary>The values as nested dictionaries, for serialisation.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, double>> ToDictionary() => _values;

    private static void Set(Dictionary<string, Dictionary<string, double>> values, string task, string name, double value)
    {
        if (!values.TryGetValue(task, out Dictionary<string, double>? ofTask))
        {
            values[task] = ofTask = [];
        }

        ofTask[name] = value;
    }
}
