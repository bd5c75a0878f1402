using System.Globalization;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.Host.Console;

/// <summary>Puts steps, phases and validations into words.</summary>
public static class StepText
{
    private const int MainMetrics = 2;

    /// <summary>A phase's name, with its number where there are several policies to retrain.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="policy">The policy that is retrained, from 0.</param>
    /// <param name="policies">How many are.</param>
    public static string Phase(RunPhase phase, int policy, int policies) => phase switch
    {
        RunPhase.WarmUp => "warm-up",
        RunPhase.Search => "search",
        RunPhase.Retrain => policies > 1 ? $"retrain {policy + 1} of {policies}" : "retrain",
        _ => "done",
    };

    /// <summary>A phase's name, from its key in metrics.json.</summary>
    public static string PhaseKey(string key) => key == "warm_up" ? "warm-up" : key;

    /// <summary>Bytes as megabytes of 2^20, for example <c>1,064 MB</c>.</summary>
    public static string Megabytes(long bytes) => (bytes / (double)(1 << 20)).ToString("#,##0.#", CultureInfo.InvariantCulture) + " MB";

    /// <summary>The loss, in the search temperature and open blocks, and each task's loss.</summary>
    public static string Losses(StepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        string losses = string.Join("  ", record.Losses.OrderBy(loss => loss.Key is "sparsity" or "sharing" ? 1 : 0).Select(loss => $"{loss.Key} {Number(loss.Value)}"));
        string search = record.Temperature is double temperature ? $"  temperature {Number(temperature)}" : "";
        string open = record.OpenBlocks is int blocks ? $"  open blocks {blocks}" : "";
        string moved = record.UpdatesPolicy ? "  (policy step)" : "";
        return $"loss {Number(record.Total)}{search}{open}{moved}  {losses}";
    }

    /// <summary>Images a second and the time left.</summary>
    public static string Speed(SpeedMeter meter, long stepsLeft) => $"{Number(meter.ImagesPerSecond)} img/s  {Duration(meter.Left(stepsLeft))} left";

    /// <summary>A validation in one line: each task's first two metrics, which are its main ones, in the corrected reading.</summary>
    public static string Validation(MetricTable metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return string.Join("; ", metrics.Tasks.Select(task =>
        {
            IEnumerable<KeyValuePair<string, double>> main = metrics[task].Where(metric => !MetricText.IsOfficial(metric.Key)).Take(MainMetrics);
            return $"{task} {string.Join(", ", main.Select(metric => $"{MetricText.Words(metric.Key)} {MetricText.Value(metric.Key, metric.Value)}"))}";
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
