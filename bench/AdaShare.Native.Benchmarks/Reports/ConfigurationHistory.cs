using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>All runs of one configuration, row by row.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Runs">Its runs in order of date.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record ConfigurationHistory(Configuration Configuration, IReadOnlyList<BenchmarkRun> Runs, IReadOnlyList<RowHistory> Rows)
{
    /// <summary>The histories of all configurations: benchmarks in alphabetic order, the configurations of each in the order of their first run.</summary>
    /// <param name="runs">Runs in order of date.</param>
    public static IReadOnlyList<ConfigurationHistory> Of(IReadOnlyList<BenchmarkRun> runs) =>
    [
        .. runs.GroupBy(Configuration.Of)
            .Select(static group => new ConfigurationHistory(group.Key, [.. group], RowHistory.Of(group)))
            .OrderBy(static history => history.Configuration.Benchmark, StringComparer.Ordinal),
    ];
}
