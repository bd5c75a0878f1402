using System.Globalization;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Parameters and multiply-adds of a policy, backbone and heads apart.</summary>
public static class CostTable
{
    /// <summary>Writes the table.</summary>
    public static void Write(IAnsiConsole console, CostFigures cost)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(cost);
        console.MarkupLine("[bold]cost[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("");
        table.AddColumn(new TableColumn("parameters").RightAligned());
        table.AddColumn(new TableColumn($"multiply-adds at {cost.Height}x{cost.Width}").RightAligned());
        table.AddColumn(new TableColumn("all blocks, all tasks").RightAligned());
        table.AddColumn(new TableColumn("saved").RightAligned());
        long full = cost.FullBackboneMultiplyAdds + cost.HeadMultiplyAdds;
        bool giga = full >= 1_000_000_000;
        Row(table, "backbone", cost.BackboneParameters, cost.BackboneMultiplyAdds, cost.FullBackboneMultiplyAdds, giga);
        Row(table, "heads", cost.HeadParameters, cost.HeadMultiplyAdds, cost.HeadMultiplyAdds, giga);
        Row(table, "both", cost.BackboneParameters + cost.HeadParameters, cost.BackboneMultiplyAdds + cost.HeadMultiplyAdds, full, giga);
        console.Write(table);
        Note(console, "multiply-adds: one image, the backbone once for each task, skipped blocks left out");
        if (cost.UsedBackboneParameters is long used)
        {
            Note(console, used == cost.BackboneParameters
                ? "every part of the backbone is used by some task"
                : $"parts of the backbone that some task uses: {Count(used)} parameters");
        }

        if (cost.StateEntries is long entries)
        {
            Note(console, $"state entries (parameters, running statistics, counters, logits): {Count(entries)}");
        }
    }

    private static void Row(Table table, string name, long parameters, long multiplyAdds, long full, bool giga) => table.AddRow(
        name, Count(parameters), MultiplyAdds(multiplyAdds, giga), MultiplyAdds(full, giga),
        (100.0 * (full - multiplyAdds) / Math.Max(1, full)).ToString("0.0", CultureInfo.InvariantCulture) + " %");

    private static void Note(IAnsiConsole console, string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string MultiplyAdds(long count, bool giga) =>
        (count / (giga ? 1e9 : 1e6)).ToString("0.00", CultureInfo.InvariantCulture) + (giga ? " G" : " M");
}
