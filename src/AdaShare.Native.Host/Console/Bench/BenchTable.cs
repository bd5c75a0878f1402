using System.Globalization;
using AdaShare.Native.Benchmarking.Results;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>How tables of benchmarks look.</summary>
internal static class BenchTable
{
    /// <summary>A table: the first column is text, the others are figures.</summary>
    public static Table New(IAnsiConsole console, string title, string first, IReadOnlyList<string> figures)
    {
        console.MarkupLineInterpolated($"[bold]{title}[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn(new TableColumn(first).NoWrap());
        foreach (string figure in figures)
        {
            table.AddColumn(new TableColumn(Markup.Escape(figure)).RightAligned());
        }

        return table;
    }

    /// <summary>A line below a table.</summary>
    public static void Note(IAnsiConsole console, string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <summary>A time, for example <c>12.3 ms</c>, or <c>1.23 s</c>.</summary>
    public static string Milliseconds(double value) => value >= 10_000 ? StepText.Number(value / 1000) + " s" : StepText.Number(value) + " ms";

    /// <summary>Operations a second with the letter of their unit, for example <c>25.7 G</c>.</summary>
    public static string Flops(double tera) => tera >= 1 ? StepText.Number(tera) + " T" : StepText.Number(1000 * tera) + " G";

    /// <summary>From the shortest to the longest time.</summary>
    public static string Range(Spread spread) => $"{StepText.Number(spread.Min)} … {StepText.Number(spread.Max)}";

    /// <summary>A share, for example <c>12.3 %</c>.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
