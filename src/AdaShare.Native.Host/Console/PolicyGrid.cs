using System.Globalization;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>The task-by-block table of a policy: what runs, and how likely that was.</summary>
public static class PolicyGrid
{
    /// <summary>Writes the table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">The heading.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="runs">[task][block].</param>
    /// <param name="probabilities">[task][block], 0 … 1, or null where the policy was not learnt.</param>
    public static void Write(IAnsiConsole console, string title, IReadOnlyList<string> tasks, bool[][] runs, double[][]? probabilities)
    {
        bool unicode = console.Profile.Capabilities.Unicode;
        (string on, string off) = unicode ? ("■", "·") : ("#", ".");
        console.MarkupLineInterpolated($"[bold]{title}[/]");
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("block");
        for (int block = 0; block < runs[0].Length; block++)
        {
            table.AddColumn(new TableColumn(block.ToString(CultureInfo.InvariantCulture)).Centered().PadLeft(0).PadRight(0).NoWrap());
        }

        table.AddColumn(new TableColumn("run").RightAligned());
        for (int task = 0; task < tasks.Count; task++)
        {
            table.AddRow([Markup.Escape(tasks[task]), .. runs[task].Select(run => run ? $"[bold green]{on}[/]" : $"[red]{off}[/]"), $"{runs[task].Count(run => run)}/{runs[task].Length}"]);
            if (probabilities is not null)
            {
                table.AddRow(["[grey]  p %[/]", .. probabilities[task].Select(p => $"[grey]{Percent(p)}[/]"), ""]);
            }
        }

        console.Write(table);
        string probability = probabilities is null ? "" : "; p: the learnt probability of running it";
        console.MarkupLineInterpolated($"[grey]{on} the task runs the block, {off} it skips it{probability}[/]");
    }

    private static string Percent(double probability) => (100 * probability).ToString("0", CultureInfo.InvariantCulture);
}
