using System.Globalization;
using System.Text;
using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>
/// The newest figures as Markdown, a table for each benchmark with a column for each configuration: each row where they are few, else groups of rows with their median, least and most. How
/// time and memory grow with the work is a <see cref="GrowthTable"/>.
/// </summary>
internal static class MarkdownTable
{
    // What a reader takes in at a glance.
    private const int MostRows = 12;
    private const int MostLines = 20;

    /// <summary>The tables.</summary>
    /// <param name="histories">All configurations.</param>
    /// <param name="plots">The folder of the plots as the text shall link to it.</param>
    public static string Of(IReadOnlyList<ConfigurationHistory> histories, string plots)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, ConfigurationHistory> benchmark in histories.GroupBy(static history => history.Configuration.Benchmark))
        {
            Line(text, $"**{benchmark.Key}** ([over time]({plots}/{benchmark.Key}.svg))");
            Line(text, "");
            Append(text, [.. benchmark]);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ConfigurationHistory[] columns)
    {
        for (int c = 0; c < columns.Length; c++)
        {
            Line(text, $"- {c + 1}: {Described(columns[c])}");
        }

        Line(text, "");
        if (columns.Any(static column => column.Rows.Any(static row => GrowthTable.IsFit(row.Newest.Row))))
        {
            text.Append(GrowthTable.Of(columns));
            return;
        }

        Dictionary<(string Name, string Unit), RowGroup>[] groups =
            [.. columns.Select(static column => RowGroup.Of(column.Rows, MostRows).ToDictionary(static group => (group.Name, Unit(group))))];
        (string Name, string Unit)[] lines = [.. groups.SelectMany(static column => column.Keys).Distinct()];
        Row(text, ["", "", .. Enumerable.Range(1, columns.Length).Select(static c => c.ToString(CultureInfo.InvariantCulture))]);
        Row(text, Enumerable.Repeat("---", columns.Length + 2));
        foreach ((string Name, string Unit) line in lines.Take(MostLines))
        {
            RowGroup[] shown = [.. groups.Select(column => column.GetValueOrDefault(line)).OfType<RowGroup>()];
            int rows = shown.Max(static group => group.Rows.Count);
            string name = $"`{line.Name}`{(rows > 1 ? $", {rows} rows" : "")}";
            Row(text, [name, FigureText.Unit(line.Unit), .. groups.Select(column => column.TryGetValue(line, out RowGroup? group) ? Cell(group) : "")]);
        }

        Line(text, "");
        if (lines.Length > MostLines)
        {
            Line(text, $"And {lines.Length - MostLines} lines more in the result files.");
            Line(text, "");
        }
    }

    private static string Described(ConfigurationHistory column)
    {
        string runs = string.Join(", ", column.Rows.Select(static row => row.Newest.Run).Distinct().OrderBy(static run => run.Date).Select(Regression.Label).Distinct());
        int disturbed = column.Rows.Count(static row => Regression.IsDisturbed(row.Newest.Row));
        return $"{column.Configuration.Description}; {runs}{(disturbed > 0 ? $"; {disturbed} of {column.Rows.Count} rows disturbed by other work on the machine" : "")}";
    }

    /// <summary>The median with the least and the most: of a group's rows, or of the samples of a row that is alone.</summary>
    private static string Cell(RowGroup group)
    {
        string unit = Unit(group);
        BenchmarkRow[] rows = [.. group.Rows.Select(static row => row.Newest.Row)];
        Spread figures = Spread.Of(rows.Select(static row => Headline.Of(row).Value));
        Spread shown = rows.Length == 1 && figures.Median == rows[0].Value.Median ? rows[0].Value : figures;
        string median = FigureText.Number(shown.Median, unit);
        return shown.Min == shown.Max ? median : $"{median} ({FigureText.Number(shown.Min, unit)} to {FigureText.Number(shown.Max, unit)})";
    }

    private static string Unit(RowGroup group) => Headline.Of(group.Rows[0].Newest.Row).Unit;

    private static void Row(StringBuilder text, IEnumerable<string> cells) => Line(text, $"| {string.Join(" | ", cells)} |");

    // A README has the same line ends on every system.
    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
