using System.Globalization;
using AdaShare.Native.Benchmarking.Measurement;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What <c>adashare bench data</c> shows.</summary>
public static class DataReport
{
    /// <summary>Writes the table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="loaders">The loaders.</param>
    /// <param name="bytes">Bytes an image that go to the device.</param>
    /// <param name="sampling">How often they were timed.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<DataMeasurement> loaders, double bytes, Sampling sampling)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(loaders);
        ArgumentNullException.ThrowIfNull(sampling);
        Table table = BenchTable.New(console, "images a second", "workers", ["first pass", "min … max", "later passes", "min … max", "a core"]);
        foreach (DataMeasurement loader in loaders)
        {
            table.AddRow(
                loader.Workers.ToString(CultureInfo.InvariantCulture), StepText.Number(loader.First.Median), BenchTable.Range(loader.First),
                StepText.Number(loader.Later.Median), BenchTable.Range(loader.Later), StepText.Number(loader.OfCore.Median));
        }

        console.Write(table);
        BenchTable.Note(console, $"medians of {sampling.Rounds} samples; first pass: images are drawn or read; later passes: with what the data set and the system keep in memory; a core: for each second of processor time");
        BenchTable.Note(console, $"to the device: {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes an image with its targets");
    }
}
