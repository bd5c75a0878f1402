using System.Globalization;
using AdaShare.Native.Data.Datasets;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Tables of the methods that there are.</summary>
internal static class MethodTables
{
    /// <summary>Writes names and what each method does.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="methods">The methods.</param>
    public static void WriteList(IAnsiConsole console, IReadOnlyList<MethodRow> methods)
    {
        Table table = New(console, "name", "method", "what it does");
        foreach (MethodRow method in methods)
        {
            table.AddRow(Markup.Escape(method.Name), Markup.Escape(method.Title), Markup.Escape(method.Summary));
        }

        console.Write(table);
    }

    /// <summary>Writes what every method's network costs beside what is published.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">The costs.</param>
    public static void WriteCosts(IAnsiConsole console, MethodsFile found)
    {
        console.MarkupLineInterpolated($"[bold]{found.Backbone}, one {InputKinds.Sized(found.Height!.Value, found.Width!.Value)} for K tasks, heads left out[/]");
        Table table = New(console, "method");
        foreach (string heading in new[] { "K", "parameters", "backbones", "published", "difference", "as executed", "K passes", "published", "difference" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        string before = "";
        foreach (MethodCostRow row in found.Costs ?? [])
        {
            table.AddRow(
                Markup.Escape(row.Method == before ? "" : row.Method), $"{row.Tasks}", row.Parameters.ToString("N0", CultureInfo.InvariantCulture), Fixed(row.Backbones, 4), Published(row.PublishedBackbones, ""), Signed(row.BackbonesDifference),
                Giga(row.ExecutedMultiplyAdds), Giga(row.PassesMultiplyAdds), Published(row.PublishedGigaMultiplyAdds, " G"), Signed(row.GigaMultiplyAddsDifference));
            before = row.Method;
        }

        console.Write(table);
        Note(console, "backbones: parameters and running statistics in multiples of one backbone's; published figures are those of the paper on AdaShare");
        Note(console, "as executed: multiply-adds, what tasks have in common counted once; K passes: one pass for each task, skipped blocks left out");
        Note(console, "the second difference is to K passes, or to what is executed where the published figure counts a shared backbone once");
        foreach (IGrouping<string, MethodCostRow> rows in (found.Costs ?? []).Where(static row => row.CountsOtherwise is not null).GroupBy(static row => row.CountsOtherwise!))
        {
            Note(console, $"{string.Join(", ", rows.Select(static row => row.Method).Distinct())}: {rows.Key}");
        }

        Note(console, "a method that has published policies is counted under them, others with every block run and what decides about that, learnt branches before any is shared");
    }

    private static Table New(IAnsiConsole console, params string[] columns)
    {
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        foreach (string column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static void Note(IAnsiConsole console, string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    private static string Published(double? value, string unit) => value is { } figure ? Fixed(figure, 2) + unit : "";

    private static string Giga(long count) => Fixed(count / 1e9, 3) + " G";

    private static string Signed(double? value) => value?.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture) ?? "";

    private static string Fixed(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
