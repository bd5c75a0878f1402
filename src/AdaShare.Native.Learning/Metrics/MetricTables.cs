namespace AdaShare.Native.Learning.Metrics;

/// <summary>Conversions between metric tables and the dictionaries that files hold.</summary>
public static class MetricTables
{
    /// <summary>The table of a dictionary.</summary>
    public static MetricTable From(IReadOnlyDictionary<string, Dictionary<string, double>> values)
    {
        var table = new MetricTable();
        foreach ((string task, Dictionary<string, double> metrics) in values)
        {
            foreach ((string name, double value) in metrics)
            {
                table.Set(task, name, value);
            }
        }

        return table;
    }

    /// <summary>A dictionary of its own with the table's values.</summary>
    public static Dictionary<string, Dictionary<string, double>> Copy(this MetricTable table) =>
        table.Tasks.ToDictionary(static task => task, task => table[task].ToDictionary(static pair => pair.Key, static pair => pair.Value));
}
