using System.Globalization;
using System.Text;
using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>How step time and memory grow with the work, series by series, as Markdown: fitted exponents, and a sentence for what grows faster than the work does.</summary>
internal static class GrowthTable
{
    private const string TimeFigure = "time_exponent";
    private const string WorkFigure = "work_exponent";
    private const string MemoryFigure = "memory_exponent";
    private const string SeriesFact = "series";
    private const string NumericsFact = "numerics";

    // What the measurement says where it finds it (bench/peers/scaling.py).
    private static readonly string[] WarningFacts = ["time_beyond_work", "memory_beyond_work"];

    /// <summary>Whether a row is the fit of a series.</summary>
    public static bool IsFit(BenchmarkRow row) => row.Figures?.ContainsKey(TimeFigure) ?? false;

    /// <summary>The fits of some configurations.</summary>
    /// <param name="columns">The configurations, as they are numbered.</param>
    public static string Of(IReadOnlyList<ConfigurationHistory> columns)
    {
        var text = new StringBuilder();
        var warnings = new List<string>();
        text.Append("| | | step time | multiply-adds | peak memory |\n|---|---|---|---|---|\n");
        for (int c = 0; c < columns.Count; c++)
        {
            foreach (BenchmarkRow row in columns[c].Rows.Select(static row => row.Newest.Row).Where(IsFit))
            {
                string numerics = row.Facts?.GetValueOrDefault(NumericsFact) is { } own ? $", {own}" : "";
                text.Append(CultureInfo.InvariantCulture, $"| {row.Facts?.GetValueOrDefault(SeriesFact) ?? row.Name}{numerics} | {c + 1} | {Power(row, TimeFigure)} | {Power(row, WorkFigure)} | {Power(row, MemoryFigure)} |\n");
                warnings.AddRange(WarningFacts.Select(fact => row.Facts?.GetValueOrDefault(fact)).OfType<string>().Select(sentence => $"{c + 1}: {sentence}"));
            }
        }

        text.Append('\n');
        foreach (string line in warnings.DefaultIfEmpty("Neither time nor memory grows faster than the work in any series."))
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}\n\n");
        }

        return text.ToString();
    }

    private static string Power(BenchmarkRow row, string figure) =>
        row.Figures!.TryGetValue(figure, out double exponent) ? string.Create(CultureInfo.InvariantCulture, $"size^{exponent:0.00}") : "";
}
