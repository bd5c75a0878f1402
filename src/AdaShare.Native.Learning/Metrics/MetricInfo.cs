using System.Globalization;

namespace AdaShare.Native.Learning.Metrics;

/// <summary>What a metric is: everything that a table, a plot or a score must know of it.</summary>
/// <param name="Name">The name in files, for example <c>angle_mean</c>; the official code's reading ends in <c>_official</c>.</param>
/// <param name="Title">The name for people, for example <c>angle mean</c>, the same for both readings.</param>
/// <param name="Unit"><c>%</c>, <c>°</c>, <c>m</c> (or what depth is measured in), or empty for a number without a unit.</param>
/// <param name="HigherIsBetter">Whether larger values are better.</param>
public sealed record MetricInfo(string Name, string Title, string Unit, bool HigherIsBetter)
{
    private const string OfficialSuffix = "_official";

    /// <summary>Whether this is the official code's reading, which is reported and never decides.</summary>
    public bool IsOfficial { get; private init; }

    /// <summary>
    /// Whether the paper reports it, so that it counts in comparisons of methods (relative gain, mean rank): of semantic segmentation mean IoU and pixel accuracy, of depth absolute and
    /// relative error and the three thresholds, of normals all five. Others say the same thing again and would weigh a task's error twice.
    /// </summary>
    public bool IsCompared { get; init; } = true;

    /// <summary>The title with an arrow towards the better side.</summary>
    public string TitleWithArrow => $"{Title} {(HigherIsBetter ? '↑' : '↓')}";

    private bool IsCoarse => Unit is "%" or "°";

    private string Suffix => Unit switch { "" => "", "°" => "°", _ => " " + Unit };

    /// <summary>The same metric as the official code reads it.</summary>
    public MetricInfo Official() => this with { Name = Name + OfficialSuffix, IsOfficial = true, IsCompared = false };

    /// <summary>A value with its unit; a dash where nothing was measured.</summary>
    public string Format(double value) => double.IsNaN(value) ? "-" : Number(value) + Suffix;

    /// <summary>Mean and standard deviation with their unit.</summary>
    public string Format(double mean, double deviation) => double.IsNaN(mean) ? "-" : $"{Number(mean)} ± {Number(deviation)}{Suffix}";

    private string Number(double value) => value.ToString(IsCoarse ? "0.00" : "0.0000", CultureInfo.InvariantCulture);
}
