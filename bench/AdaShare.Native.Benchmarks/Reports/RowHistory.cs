using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>One row in the runs of a configuration that have it.</summary>
/// <param name="Name">The row's name, and its numerics where the row has its own and its name does not say them.</param>
/// <param name="Points">The runs in order of date, with the row of each.</param>
internal sealed record RowHistory(string Name, IReadOnlyList<(BenchmarkRun Run, BenchmarkRow Row)> Points)
{
    private const string NumericsFact = "numerics";

    /// <summary>The newest run that has the row, with it.</summary>
    public (BenchmarkRun Run, BenchmarkRow Row) Newest => Points[^1];

    /// <summary>The numerics that a row has of its own, where a run has rows of several; or null.</summary>
    public static string? NumericsOf(BenchmarkRow row) => row.Facts?.GetValueOrDefault(NumericsFact);

    /// <summary>The histories of a configuration's rows, in the order in which they first appear.</summary>
    /// <param name="runs">Runs of one configuration in order of date.</param>
    public static IReadOnlyList<RowHistory> Of(IEnumerable<BenchmarkRun> runs)
    {
        var order = new List<string>();
        var points = new Dictionary<string, List<(BenchmarkRun, BenchmarkRow)>>();
        foreach (BenchmarkRun run in runs)
        {
            foreach (BenchmarkRow row in run.Rows)
            {
                string name = NumericsOf(row) is { } numerics && !row.Name.Split('/').Contains(numerics) ? $"{row.Name}, {numerics}" : row.Name;
                if (!points.TryGetValue(name, out List<(BenchmarkRun, BenchmarkRow)>? known))
                {
                    points[name] = known = [];
                    order.Add(name);
                }

                known.Add((run, row));
            }
        }

        return [.. order.Select(name => new RowHistory(name, points[name]))];
    }
}
