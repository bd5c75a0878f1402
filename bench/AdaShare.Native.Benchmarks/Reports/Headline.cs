using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>The one figure of a row that a table or plot of many rows shows: its share of a peak where it has one, else its value.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit; <c>%</c> for shares.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
internal readonly record struct Headline(double Value, string Unit, bool HigherIsBetter)
{
    /// <summary>The unit of shares.</summary>
    public const string Percent = "%";

    private const string ShareFigure = "share_of_peak";
    private const double Hundred = 100;

    /// <summary>A row's figure.</summary>
    public static Headline Of(BenchmarkRow row) => row.Figures?.TryGetValue(ShareFigure, out double share) ?? false
        ? new Headline(Hundred * share, Percent, HigherIsBetter: true)
        : new Headline(row.Value.Median, row.Unit, row.HigherIsBetter);
}
