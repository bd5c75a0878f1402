using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Models;
using Spectre.Console;

namespace AdaShare.Native.Host.Console;

/// <summary>Parameters and multiply-adds of a network beside those of hard sharing, in both units.</summary>
public static class CostTable
{
    /// <summary>Writes the table of one network.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="title">The network's name.</param>
    /// <param name="cost">Its cost.</param>
    /// <param name="hardSharing">The cost of a hard-sharing network of the same size, for the same image.</param>
    public static void Write(IAnsiConsole console, string title, ModelCost cost, ModelCost hardSharing) => Write(console, [(title, cost)], hardSharing);

    /// <summary>Writes the table of some networks with the same heads.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="networks">Their names and costs, at least one.</param>
    /// <param name="hardSharing">The cost of a hard-sharing network of the same size, for the same image.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<(string Title, ModelCost Cost)> networks, ModelCost hardSharing)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(hardSharing);
        ModelCost first = networks[0].Cost;
        console.MarkupLineInterpolated($"[bold]cost of {first.Scope}[/]");
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("");
        table.AddColumn(new TableColumn("parameters").RightAligned());
        table.AddColumn(new TableColumn("multiply-adds, as executed").RightAligned());
        table.AddColumn(new TableColumn("multiply-adds, K passes").RightAligned());
        bool giga = hardSharing.ExecutedMultiplyAdds >= 1_000_000_000;
        foreach ((string title, ModelCost cost) in networks)
        {
            Row(table, $"{title}: backbone", cost.BackboneParameters, cost.ExecutedBackboneMultiplyAdds, cost.PassesBackboneMultiplyAdds, giga);
        }

        Row(table, "hard sharing: backbone", hardSharing.BackboneParameters, hardSharing.ExecutedBackboneMultiplyAdds, hardSharing.PassesBackboneMultiplyAdds, giga);
        Row(table, networks.Count == 1 ? "heads, the same for both" : "heads, the same for all", first.HeadParameters, first.HeadMultiplyAdds, first.HeadMultiplyAdds, giga);
        console.Write(table);
        Note(console, "as executed: what tasks have in common once; K passes: the backbone once for each task, skipped blocks left out (the paper's unit)");
        foreach ((string title, ModelCost cost) in networks.Where(one => one.Cost.PassesBackboneMultiplyAdds != hardSharing.PassesBackboneMultiplyAdds || one.Cost.ExecutedMultiplyAdds != hardSharing.ExecutedMultiplyAdds))
        {
            Note(console, Beside(title, cost, hardSharing));
        }

        Note(console, $"state entries (parameters, running statistics, counters, logits): {Count(first.StateEntries)}");
    }

    // Backbone and heads together, as executed: what no task runs has no parameters that anybody needs.
    private static string Beside(string title, ModelCost cost, ModelCost hardSharing)
    {
        string idle = cost.UsedBackboneParameters < cost.BackboneParameters ? $", since no task runs blocks of {Count(cost.BackboneParameters - cost.UsedBackboneParameters)}" : "";
        return $"{title} with heads, as executed: {Ratio(cost.ExecutedMultiplyAdds, hardSharing.ExecutedMultiplyAdds)} times hard sharing's multiply-adds; {Count(Used(cost))} parameters, {Ratio(Used(cost), Used(hardSharing))} times hard sharing's{idle}";
    }

    private static long Used(ModelCost cost) => cost.UsedBackboneParameters + cost.HeadParameters;

    private static string Ratio(long own, long hard) => ((double)own / hard).ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>A number of multiply-adds with its prefix.</summary>
    /// <param name="count">The number.</param>
    /// <param name="giga">Whether it is counted in thousand millions, otherwise in millions.</param>
    public static string MultiplyAdds(double count, bool giga) => (count / (giga ? 1e9 : 1e6)).ToString("N2", CultureInfo.InvariantCulture) + (giga ? " G" : " M");

    private static void Row(Table table, string name, long parameters, long executed, long passes, bool giga) =>
        table.AddRow(Markup.Escape(name), Count(parameters), MultiplyAdds(executed, giga), MultiplyAdds(passes, giga));

    private static void Note(IAnsiConsole console, string text) => console.MarkupLineInterpolated($"[grey]{text}[/]");

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
