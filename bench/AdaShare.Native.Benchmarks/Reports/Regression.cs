using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>A row of the newest run that has become worse by more than noise.</summary>
/// <param name="Configuration">Where.</param>
/// <param name="Name">The row.</param>
/// <param name="Before">Its run and row before.</param>
/// <param name="Now">Its newest run and row.</param>
/// <param name="Change">By how much it is worse: 0.1 where a time has grown by a tenth, or a rate has so fallen that the same work takes a tenth longer.</param>
/// <param name="Allowed">What noise explains.</param>
internal sealed record Regression(
    Configuration Configuration, string Name, (BenchmarkRun Run, BenchmarkRow Row) Before, (BenchmarkRun Run, BenchmarkRow Row) Now, double Change, double Allowed)
{
    // With fewer samples there are no quartiles worth the name.
    private const int LeastSamples = 3;

    // Few samples may by chance lie closer together than the next run's will.
    private const double LeastAllowed = 0.03;

    private const string DisturbedFact = "disturbed";

    // What the machine can do is no merit or fault of the code.
    private const string PeakPrefix = "peak/";

    /// <inheritdoc/>
    public override string ToString()
    {
        string values = FormattableString.Invariant($"{Before.Row.Value.Median:G4} {Before.Row.Unit}, now {Now.Row.Value.Median:G4}");
        return FormattableString.Invariant(
            $"{Configuration.Benchmark}, {Configuration.Description}: {Name} is {Change:P1} worse than at {Label(Before.Run)} ({values}), noise explains {Allowed:P1}");
    }

    /// <summary>
    /// The regressions of a row history: the newest row against the one before. Noise is the distance between the quartiles of either run's samples, relative to the median; a change beyond the
    /// sum of both is a regression. Rows with fewer than three samples, those that others disturbed, and the machine's peaks are left out.
    /// </summary>
    /// <returns>The regression; null where there is none.</returns>
    public static Regression? Of(Configuration configuration, RowHistory history)
    {
        if (history.Points.Count < 2 || history.Name.StartsWith(PeakPrefix, StringComparison.Ordinal) || !IsMeasured(history.Points[^1].Row) || !IsMeasured(history.Points[^2].Row))
        {
            return null;
        }

        (BenchmarkRun, BenchmarkRow Row) before = history.Points[^2], now = history.Points[^1];
        Spread old = before.Row.Value, current = now.Row.Value;
        double change = (now.Row.HigherIsBetter ? old.Median / current.Median : current.Median / old.Median) - 1;
        double allowed = Math.Max(LeastAllowed, old.Noise() + current.Noise());
        return change > allowed ? new Regression(configuration, history.Name, before, now, change, allowed) : null;
    }

    /// <summary>A run by commit and date.</summary>
    internal static string Label(BenchmarkRun run)
    {
        const int Short = 7;
        string commit = run.Commit.Length > Short ? run.Commit[..Short] : run.Commit;
        return FormattableString.Invariant($"{commit}{(run.UncommittedChanges ? " with changes" : "")} of {run.Date:yyyy-MM-dd}");
    }

    /// <summary>Whether others computed while a row was measured.</summary>
    internal static bool IsDisturbed(BenchmarkRow row) => row.Facts?.ContainsKey(DisturbedFact) ?? false;

    private static bool IsMeasured(BenchmarkRow row) => row.Value.Samples.Count >= LeastSamples && row.Value.Median > 0 && !IsDisturbed(row);
}
