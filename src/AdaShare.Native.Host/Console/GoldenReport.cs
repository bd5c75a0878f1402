using System.Globalization;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Host.Console;

/// <summary>Writes the comparisons of a golden run, part by part, as they come.</summary>
/// <param name="output">Where to.</param>
public sealed class GoldenReport(TextWriter output)
{
    private const int QuantityWidth = 58;

    private int _written;
    private string _where = "";

    /// <summary>Writes the comparisons that have not been written yet.</summary>
    /// <param name="rows">All comparisons so far.</param>
    public void Write(IReadOnlyList<GoldenRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        for (; _written < rows.Count; _written++)
        {
            GoldenRow row = rows[_written];
            if (row.Where != _where)
            {
                _where = row.Where;
                output.WriteLine();
                output.WriteLine($"{row.Where.PadRight(QuantityWidth)} {"computed",15} {"float64",15} {"deviation",10} {"float32's",10} {"bound",8}");
            }

            output.WriteLine(
                $"  {row.Quantity.PadRight(QuantityWidth - 2)} {Number(row.Computed),15} {Number(row.Expected),15} {Small(row.Deviation),10} {Small(row.SingleDeviation),10} {Small(row.Bound),8}  {Verdict(row)}");
        }

        output.Flush();
    }

    /// <summary>Writes how it ended.</summary>
    /// <param name="rows">All comparisons.</param>
    /// <param name="unknown">Recorded quantities that could not be compared.</param>
    /// <returns>Whether every comparison is within its bound.</returns>
    public bool WriteSummary(IReadOnlyList<GoldenRow> rows, IReadOnlyList<string> unknown)
    {
        ArgumentNullException.ThrowIfNull(unknown);
        Write(rows);
        output.WriteLine();
        if (unknown.Count > 0)
        {
            output.WriteLine($"not compared, since their names are not known here: {string.Join(", ", unknown)}");
        }

        GoldenRow[] failed = [.. rows.Where(row => !row.Passes)];
        GoldenRow? worst = rows.MaxBy(row => row.Deviation / Math.Max(row.Bound, double.Epsilon));
        string nearest = worst is null ? "" : $"; the largest deviation for its bound: {worst.Where}, {worst.Quantity}, {Small(worst.Deviation)} of {Small(worst.Bound)}";
        output.WriteLine(failed.Length == 0
            ? $"passed: {rows.Count} quantities within their bounds{nearest}"
            : $"FAILED: {failed.Length} of {rows.Count} quantities out of bounds{nearest}");
        return failed.Length == 0;
    }

    private static string Verdict(GoldenRow row)
    {
        string points = row.Points is double difference ? $" ({difference.ToString("0.000", CultureInfo.InvariantCulture)} points)" : "";
        return (row.Passes ? "ok" : "FAILED") + points;
    }

    private static string Number(double value) => value.ToString("G10", CultureInfo.InvariantCulture);

    private static string Small(double value) => value == 0 ? "0" : value.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
