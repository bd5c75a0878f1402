using System.Globalization;
using AdaShare.Native.MultiTask.Metrics;

namespace AdaShare.Native.Host.Console;

/// <summary>Puts metrics into words: percentages, angles and errors with their units.</summary>
public static class MetricText
{
    private const string OfficialSuffix = "_official";

    /// <summary>Whether a metric is the official code's reading.</summary>
    public static bool IsOfficial(string metric) => metric.EndsWith(OfficialSuffix, StringComparison.Ordinal);

    /// <summary>The metric's name with an arrow towards the better side.</summary>
    public static string Name(string metric) => $"{Words(metric)} {(SelectionScore.LowerIsBetter(metric) ? '↓' : '↑')}";

    /// <summary>The metric's name in words, the same for both readings.</summary>
    public static string Words(string metric)
    {
        string plain = IsOfficial(metric) ? metric[..^OfficialSuffix.Length] : metric;
        return plain switch
        {
            "miou" => "mean IoU",
            "within_11_25" => "within 11.25°",
            "within_22_5" => "within 22.5°",
            "within_30" => "within 30°",
            "within_1_25" => "within 1.25",
            "within_1_25_2" => "within 1.25^2",
            "within_1_25_3" => "within 1.25^3",
            _ => plain.Replace('_', ' '),
        };
    }

    /// <summary>A value with its unit.</summary>
    public static string Value(string metric, double value)
    {
        string unit = Unit(metric);
        return (unit == "" ? value.ToString("0.0000", CultureInfo.InvariantCulture) : value.ToString("0.00", CultureInfo.InvariantCulture)) + unit;
    }

    /// <summary>Mean and standard deviation with their unit.</summary>
    public static string Spread(string metric, double mean, double deviation)
    {
        string unit = Unit(metric), format = unit == "" ? "0.0000" : "0.00";
        return $"{mean.ToString(format, CultureInfo.InvariantCulture)} ± {deviation.ToString(format, CultureInfo.InvariantCulture)}{unit}";
    }

    private static string Unit(string metric) =>
        metric.StartsWith("within", StringComparison.Ordinal) || metric.StartsWith("miou", StringComparison.Ordinal) || metric.StartsWith("pixel_accuracy", StringComparison.Ordinal) ? " %"
        : metric.StartsWith("angle", StringComparison.Ordinal) ? "°"
        : "";
}
