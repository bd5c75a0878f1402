using System.Globalization;
using AdaShare.Native.Learning.Models;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>The task-by-block table of what the test images decided, where a network decides for each image.</summary>
public static class DecisionGrid
{
    /// <summary>Writes the table, and what an image costs.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="decided">What the images decided.</param>
    /// <param name="height">Rows of the image for which multiply-adds were counted.</param>
    /// <param name="width">Its columns.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<string> tasks, DecisionCost decided, int height, int width)
    {
        console.MarkupLineInterpolated($"[bold]what the {decided.Images} images of the test part decided[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("block");
        for (int block = 0; block < decided.Runs[0].Length; block++)
        {
            table.AddColumn(new TableColumn(block.ToString(CultureInfo.InvariantCulture)).RightAligned().PadLeft(0).NoWrap());
        }

        for (int task = 0; task < tasks.Count; task++)
        {
            table.AddRow([$"{Markup.Escape(tasks[task])} %", .. decided.Runs[task].Select(Percent)]);
            table.AddRow(["[grey]  p %[/]", .. decided.Probability[task].Select(static p => $"[grey]{Percent(p)}[/]")]);
        }

        console.Write(table);
        console.MarkupLine("[grey]the share of images that run a block, or of it, or the tuned one of two; where several function blocks stand at a depth, one column each; p: the mean probability[/]");
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"multiply-adds of an image of {height}x{width} without heads: expected {decided.Expected / 1e6:0.00} M, taken {decided.Passes / 1e6:0.00} M in K passes, {decided.Executed / 1e6:0.00} M as executed");
    }

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture);
}
