using System.Globalization;
using AdaShare.Native.Benchmarking.Results;
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
        Table table = BenchTable.New(console, "training steps", "what is reported", ["a step", "min … max", "beside nothing", "quartiles apart", "processor time", "quartiles apart", "told", "drawn"]);
        foreach (ReportingMeasurement way in ways)
        {
            table.AddRow(
                way.Way, BenchTable.Milliseconds(way.Milliseconds.Median), BenchTable.Range(way.Milliseconds), Ratio(way.Ratio), BenchTable.Percent(way.Ratio.Noise()), Ratio(way.Processor),
                BenchTable.Percent(way.Processor.Noise()), Share(way.Told), way.Drawn is { } drawn ? Share(drawn) : "-");
        }

        console.Write(table);
        BenchTable.Note(console, $"medians of {turns} turns of {steps} steps, every {period}th logged, every way once a turn; beside nothing: the same turn's time over that of a silent run; validations, checkpoints and the report at the end are left out");
        BenchTable.Note(console, "processor time: that of all threads, over the silent run's; told: the share of the steps' time that the training thread spends on observers and log, by a clock around each call; drawn: processor time of the live view alone, the same steps told again with nothing trained, over the silent run's");
    }

    private static string Ratio(Spread ratio) => ratio.Median.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Share(Spread share) => $"{(100 * share.Median).ToString("0.000", CultureInfo.InvariantCulture)} % (most {(100 * share.Max).ToString("0.000", CultureInfo.InvariantCulture)} %)";
}
