using System.Globalization;
using System.Text;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Tables;

/// <summary>Writes a study as <c>study.csv</c>: one value a line (RFC 4180), for whoever computes on.</summary>
/// <remarks>Figures of a run that belong to no task have an empty one. A value that is not there is empty; one that is not finite says so. Failed runs have no lines.</remarks>
public static class StudyCsv
{
    /// <summary>The file's name within the study's folder.</summary>
    public const string FileName = "study.csv";

    private const string Header = "method,variant,seed,task,metric,unit,value";

    /// <summary>Writes the file; one that is there is replaced whole.</summary>
    public static void Write(string path, Study study)
    {
        byte[] text = Encoding.UTF8.GetBytes(Text(study));
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    /// <summary>The whole file.</summary>
    public static string Text(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var text = new StringBuilder(Header).Append('\n');
        foreach (CellResult cell in study.Data.Cells.Where(static cell => cell.Failure is null))
        {
            foreach (MetricDescription metric in study.Data.Metrics)
            {
                double? value = cell.Metrics.TryGetValue(metric.Task, out Dictionary<string, double?>? metrics) ? metrics.GetValueOrDefault(metric.Name) : null;
                Line(text, cell, metric.Task, metric.Name, metric.Unit, value);
            }

            foreach ((string name, string unit, double? value) in Figures(study, cell))
            {
                Line(text, cell, "", name, unit, value);
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(string Name, string Unit, double? Value)> Figures(Study study, CellResult cell)
    {
        PhaseBudget total = cell.Budget.Total;
        yield return ("validation_score", "", cell.ValidationScore);
        MethodSummary? method = study.Methods.FirstOrDefault(method => method.Label == cell.Label && method.Variant == cell.Variant);
        if (method?.Delta.Cells.FirstOrDefault(delta => delta.Seed == cell.Seed) is { } delta)
        {
            yield return ("delta_per_task", "%", delta.PerTask);
            yield return ("delta_pooled", "%", delta.Pooled);
        }

        yield return ("final_steps", "steps", cell.FinalSteps);
        yield return ("weight_steps", "steps", total.WeightSteps);
        yield return ("policy_steps", "steps", total.PolicySteps);
        yield return ("images", "images", total.Images);
        yield return ("multiply_adds_spent", "multiply-adds", total.MultiplyAddsSpent);
        yield return ("backbone_parameters", "parameters", cell.Cost?.BackboneParameters);
        yield return ("head_parameters", "parameters", cell.Cost?.HeadParameters);
        yield return ("multiply_adds_as_executed", "multiply-adds", cell.Cost?.MultiplyAddsAsExecuted);
        yield return ("multiply_adds_k_passes", "multiply-adds", cell.Cost?.MultiplyAddsKPasses);
        yield return ("peak_bytes", "bytes", cell.PeakBytes);
        yield return ("latency", "ms", cell.Times?.LatencyMilliseconds);
        yield return ("train_time", "s", cell.Times?.TrainSeconds);
    }

    private static void Line(StringBuilder text, CellResult cell, string task, string metric, string unit, double? value) => text.AppendJoin(',', (string[])
    [
        Quoted(cell.Label), Quoted(cell.Variant ?? ""), cell.Seed.ToString(CultureInfo.InvariantCulture), Quoted(task), Quoted(metric), Quoted(unit),
        value?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    ]).Append('\n');

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
