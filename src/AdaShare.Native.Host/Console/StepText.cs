using System.Globalization;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Puts steps, phases and validations into words.</summary>
public static class StepText
{
    private const int MainMetrics = 2;

    /// <summary>A phase's name, from its key in metrics.json.</summary>
    public static string PhaseKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key == "warm_up" ? "warm-up" : key.Replace('_', ' ');
    }

    /// <summary>Bytes as megabytes of 2^20, for example <c>1,064 MB</c>.</summary>
    public static string Megabytes(long bytes) => (bytes / (double)(1 << 20)).ToString("#,##0.#", CultureInfo.InvariantCulture) + " MB";

    /// <summary>The loss, what only this method's steps have, and each loss that it is made of, in the record's order.</summary>
    public static string Losses(StepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        string losses = string.Join("  ", record.Losses.Select(loss => $"{loss.Key} {Number(loss.Value)}"));
        string details = string.Concat(record.Details.Select(detail => $"  {detail.Name.Replace('_', ' ')} {(double.IsInteger(detail.Value) ? $"{detail.Value}" : Number(detail.Value))}"));
        string moved = record.Updates == StepRecord.Weights ? "" : $"  ({record.Updates} step)";
        return $"loss {Number(record.Total)}{details}{moved}  {losses}";
    }

    /// <summary>Images or texts a second and the time left.</summary>
    public static string Speed(SpeedMeter meter, string unit, long stepsLeft) => $"{Number(meter.ImagesPerSecond)} {unit}  {Duration(meter.Left(stepsLeft))} left";

    /// <summary>How far a run is in all its phases.</summary>
    public static string InAll(RunMeter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return $"all phases: step {meter.Done} of {meter.Total}, about {Duration(meter.Left)} left";
    }

    /// <summary>A validation in one line: each task's first two metrics, which are its main ones, in the corrected reading.</summary>
    public static string Validation(MetricTable metrics, IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return string.Join("; ", tasks.Select(task =>
        {
            IEnumerable<MetricInfo> main = task.Kind.Metrics.Where(info => !info.IsOfficial && metrics[task.Name].ContainsKey(info.Name)).Take(MainMetrics);
            return $"{task.Name} {string.Join(", ", main.Select(info => $"{info.Title} {info.Format(metrics[task.Name][info.Name])}"))}";
        }));
    }

    /// <summary>A time as minutes and seconds, with hours and days where it is long.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalDays >= 1 ? time.ToString(@"d\d\ hh\:mm\:ss", CultureInfo.InvariantCulture)
        : time.TotalHours >= 1 ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>A number with three or four digits that count.</summary>
    public static string Number(double value)
    {
        double size = Math.Abs(value);
        string format = size >= 100 ? "0" : size >= 10 ? "0.0" : size >= 1 ? "0.00" : size >= 0.001 || size == 0 ? "0.0000" : "0.0e+0";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
