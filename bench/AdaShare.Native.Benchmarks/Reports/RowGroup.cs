using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>
/// Rows of a benchmark that are shown together where there are too many to show each: those of a group and of the same numerics where they say so, else those whose names begin alike, up to the first
/// slash or, without one, the first hyphen.
/// </summary>
/// <param name="Name">How the names begin; the whole name of a row that is alone.</param>
/// <param name="Rows">The rows, all in one unit.</param>
internal sealed record RowGroup(string Name, IReadOnlyList<RowHistory> Rows)
{
    private const string GroupFact = "group";

    /// <summary>Each row alone where they are few, else in groups.</summary>
    /// <param name="rows">A configuration's rows.</param>
    /// <param name="most">How many rows are few.</param>
    public static IReadOnlyList<RowGroup> Of(IReadOnlyList<RowHistory> rows, int most) => rows.Count <= most
        ? [.. rows.Select(static row => new RowGroup(row.Name, [row]))]
        : [.. rows.GroupBy(GroupOf).SelectMany(static group => Together(group.Key, [.. group]))];

    private static IEnumerable<RowGroup> Together(string prefix, RowHistory[] rows)
    {
        // Beside shares of a peak, rows without one (calls too short to have a peak) say nothing that can be put in one figure with them.
        RowHistory[] shares = [.. rows.Where(static row => UnitOf(row) == Headline.Percent)];
        if (shares.Length > 0)
        {
            return [new RowGroup(prefix, shares)];
        }

        return rows.Select(UnitOf).Distinct().Count() == 1 && rows.Length > 1 ? [new RowGroup(prefix, rows)] : rows.Select(static row => new RowGroup(row.Name, [row]));
    }

    private static string UnitOf(RowHistory row) => Headline.Of(row.Newest.Row).Unit;

    private static string GroupOf(RowHistory history)
    {
        BenchmarkRow row = history.Newest.Row;
        return row.Facts?.GetValueOrDefault(GroupFact) is not { } group ? PrefixOf(history.Name) : RowHistory.NumericsOf(row) is { } numerics ? $"{group}, {numerics}" : group;
    }

    private static string PrefixOf(string name)
    {
        int end = name.IndexOf('/', StringComparison.Ordinal);
        end = end < 0 ? name.IndexOf('-', StringComparison.Ordinal) : end;
        return end < 0 ? name : name[..end];
    }
}
