using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Peaks;
using AdaShare.Native.Benchmarks.Reports;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>The figures of cases as a table that grows line by line, a heading for each family.</summary>
internal sealed class OpsTable(TextWriter output)
{
    private const int NameWidth = 47;

    private string? _family;

    /// <summary>Shows the peaks and the columns' names.</summary>
    public void Begin(MachinePeaks machine)
    {
        Peaks(output, machine);
        output.WriteLine();
        output.WriteLine("Each is compared with the reference first. us: the median time of a call; +-: the distance between the quartiles;");
        output.WriteLine("of peak: the least time that the peaks allow over the median.");
        output.WriteLine($"{"",-NameWidth}{"us",11}{"+-",7}{"GFLOP/s",10}{"GB/s",9}{"of peak",9}  {"bound by",-10}{"bytes allocated",0}");
    }

    /// <summary>Shows the peaks that the results are shares of.</summary>
    /// <param name="before">What the table's shares are of.</param>
    /// <param name="best">The best of the peaks before and after.</param>
    public void End(MachinePeaks before, MachinePeaks best)
    {
        output.WriteLine();
        Peaks(output, best);
        output.WriteLine(FormattableString.Invariant(
            $"the best of before and after, of which the results' shares are: {best.Flops / before.Flops:F2} times the arithmetic and {best.Bytes / before.Bytes:F2} times the memory of those above"));
    }

    /// <summary>Shows measured peaks.</summary>
    public static void Peaks(TextWriter output, MachinePeaks machine)
    {
        foreach (BenchmarkRow row in machine.Rows)
        {
            output.WriteLine(FormattableString.Invariant($"{row.Name,-26}{row.Value.Max,12:N1} {row.Unit} at best, {row.Value.Median:N1} in the middle of {row.Value.Samples.Count}{(Regression.IsDisturbed(row) ? "  disturbed" : "")}"));
        }
    }

    /// <summary>Shows a case.</summary>
    public void Show(TimedCase timed)
    {
        string flops = timed.Case.MultiplyAdds == 0 ? "-" : FormattableString.Invariant($"{timed.GigaFlops:N1}");
        string share = timed.Share is { } known ? FormattableString.Invariant($"{known:P0}").Replace(" ", "", StringComparison.Ordinal) : "-";
        string notes = (timed.Disturbance is null ? "" : "  disturbed") + (timed.Failure is { } failure ? $"  FAILED: {failure}" : "");
        Line(timed.Case, FormattableString.Invariant(
            $"{timed.Time.Median,11:N1}{timed.Time.Noise(),7:P0}{flops,10}{timed.GigaBytes,9:N2}{share,9}  {timed.Roofline.Bound,-10}{timed.ManagedBytes:F0}{notes}"));
    }

    /// <summary>Shows a case that is not timed because its results are wrong.</summary>
    public void Refuse(BenchmarkCase benchmark, string difference) => Line(benchmark, $"  NOT TIMED: {difference}");

    private void Line(BenchmarkCase benchmark, string figures)
    {
        if (benchmark.Family != _family)
        {
            _family = benchmark.Family;
            output.WriteLine(_family);
        }

        output.WriteLine($"  {benchmark.Name[(benchmark.Family.Length + 1)..].PadRight(NameWidth - 2)}{figures}");
    }
}
