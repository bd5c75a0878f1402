using System.Globalization;
using AdaShare.Native.Benchmarking.Measurement;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What <c>adashare bench infer</c> shows.</summary>
public static class InferReport
{
    /// <summary>Writes the table. Savings refer to the first measurement.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="measured">The measurements.</param>
    /// <param name="predictions">How often one image was predicted.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<InferenceMeasurement> measured, int predictions)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(measured);
        InferenceSpec spec = measured[0].Spec;
        Table table = BenchTable.New(
            console, "predictions", "policy", ["one image", "p95", $"images/s at batch {spec.Batch}", "backbone", "with heads", "multiply-adds saved", "time saved"]);
        foreach (InferenceMeasurement row in measured)
        {
            bool isReference = row == measured[0];
            table.AddRow(
                Markup.Escape(row.Policy.Name), BenchTable.Milliseconds(row.Latency.Wall.Median), BenchTable.Milliseconds(row.Percentile95), StepText.Number(row.ImagesPerSecond),
                Giga(row.BackboneMultiplyAdds), Giga(row.MultiplyAdds), isReference ? "-" : BenchTable.Percent(row.WorkSaved(measured[0])), isReference ? "-" : BenchTable.Percent(row.TimeSaved(measured[0])));
        }

        console.Write(table);
        BenchTable.Note(console, $"one image: the median of {predictions} predictions, policies by turns, from the host's memory and back; p95: 19 of 20 take no longer");
        BenchTable.Note(console, "backbone, with heads: multiply-adds of one image as it is computed, taps in the padding left out; a pass is shared as long as tasks agree");
    }

    private static string Giga(long count) => (count / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + " G";
}
