using System.Globalization;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What <c>adashare bench reporting</c> shows.</summary>
public static class ReportingReport
{
    /// <summary>Writes the table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="ways">The ways of reporting.</param>
    /// <param name="steps">Steps that were timed each time.</param>
    /// <param name="turns">How often.</param>
    /// <param name="period">Every how many steps one is logged.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<ReportingMeasurement> ways, int steps, int turns, int period)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(ways);
        Table table = BenchTable.New(console, "training steps", "what is reported", ["a step", "min … max", "beside nothing", "quartiles apart"]);
        foreach (ReportingMeasurement way in ways)
        {
            table.AddRow(
                way.Way, BenchTable.Milliseconds(way.Milliseconds.Median), BenchTable.Range(way.Milliseconds), way.Ratio.Median.ToString("0.0000", CultureInfo.InvariantCulture), BenchTable.Percent(way.Ratio.Noise()));
        }

        console.Write(table);
        BenchTable.Note(console, $"medians of {turns} turns of {steps} steps, every {period}th logged, every way once a turn; beside nothing: the same turn's time over that of a silent run; validations, checkpoints and the report at the end are left out");
    }
}
