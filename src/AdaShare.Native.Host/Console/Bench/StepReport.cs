using System.Globalization;
using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Learning;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What <c>adashare bench step</c> shows.</summary>
public static class StepReport
{
    private const int MostOps = 12;

    /// <summary>Writes the tables.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="sampling">How often they were timed.</param>
    /// <param name="showsOps">Whether kernels are shown.</param>
    /// <param name="graphs">What became of steps that a GPU may replay as a whole; null on a CPU, which has none.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<StepMeasurement> steps, Sampling sampling, bool showsOps, StepStatistics? graphs)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(sampling);
        WriteTimes(console, steps, sampling);
        WriteShares(console, steps, graphs);
        foreach (StepMeasurement step in showsOps ? steps : [])
        {
            WriteOps(console, step);
        }
    }

    private static void WriteTimes(IAnsiConsole console, IReadOnlyList<StepMeasurement> steps, Sampling sampling)
    {
        bool wall = steps.Any(static step => step.Time.Differs);
        Table table = BenchTable.New(console, "training steps", "step", ["median", "min … max", .. wall ? ["by the host's clock"] : Array.Empty<string>(), "images/s", "useful FLOP/s", "peak memory"]);
        foreach (StepMeasurement step in steps)
        {
            table.AddRow([
                step.Spec.KindName, BenchTable.Milliseconds(step.Time.Device.Median), BenchTable.Range(step.Time.Device),
                .. wall ? [BenchTable.Milliseconds(step.Time.Wall.Median)] : Array.Empty<string>(),
                StepText.Number(step.ImagesPerSecond), BenchTable.Flops(step.TflopPerSecond), StepText.Megabytes(step.PeakBytes),
            ]);
        }

        console.Write(table);
        BenchTable.Note(console, $"medians of {sampling.Rounds} samples of {Repeats(steps)} by the device's clock, with the host's work in between; losses are read after each step");
        BenchTable.Note(console, "useful: two operations for each multiply-add that a step needs, without taps in the padding and what is computed a second time");
    }

    private static string Repeats(IReadOnlyList<StepMeasurement> steps)
    {
        (int least, int most) = (steps.Min(static step => step.Time.Repeats), steps.Max(static step => step.Time.Repeats));
        return least == most ? $"{least} {(least == 1 ? "step" : "steps")}" : $"{least} to {most} steps";
    }

    private static void WriteShares(IAnsiConsole console, IReadOnlyList<StepMeasurement> steps, StepStatistics? graphs)
    {
        string[] sections = [.. StepSections.All, StepMeasurement.Other, StepMeasurement.Between];
        sections = [.. sections.Where(section => section != StepMeasurement.Other || steps.Any(static step => step.Shares.ContainsKey(StepMeasurement.Other)))];
        Table table = BenchTable.New(console, "where the time goes", "step", ["profiled", .. sections]);
        foreach (StepMeasurement step in steps)
        {
            IReadOnlyDictionary<string, double> shares = step.Shares;
            table.AddRow([
                step.Spec.KindName, BenchTable.Milliseconds(step.Profile.Milliseconds),
                .. sections.Select(section => shares.TryGetValue(section, out double share) ? BenchTable.Percent(share) : "-"),
            ]);
        }

        console.Write(table);
        BenchTable.Note(console, "shares of steps that were profiled afterwards, kernel by kernel, forward and backward together; compare their time with the median");
        if (graphs is not null)
        {
            string refused = graphs.Failure is null ? "" : $", because recording was refused: {graphs.Failure}";
            BenchTable.Note(console, $"timed and warm-up steps: {graphs.Replayed} replayed as one CUDA graph, {graphs.Captured} recorded as one, {graphs.OpByOp} op by op{refused}");
            BenchTable.Note(console, "profiled steps always run op by op, so they wait longer between kernels");
        }
    }

    private static void WriteOps(IAnsiConsole console, StepMeasurement step)
    {
        Table table = BenchTable.New(console, $"kernels of {step.Spec.KindName}", "section", ["kernel", "calls", "ms", "share", "GFLOP/s", "GB/s"]);
        table.Columns[1].LeftAligned().NoWrap();
        foreach (ProfileRow row in step.Profile.Rows.Take(MostOps))
        {
            table.AddRow(
                (row.Section ?? StepMeasurement.Other) + (row.IsRecomputed ? " again" : ""), Markup.Escape(row.Op), row.Count.ToString("0.#", CultureInfo.InvariantCulture),
                StepText.Number(row.Milliseconds), BenchTable.Percent(row.Milliseconds / step.Profile.Milliseconds), row.MultiplyAdds > 0 ? StepText.Number(row.GflopPerSecond) : "-",
                StepText.Number(row.GigabytesPerSecond));
        }

        console.Write(table);
        double shown = step.Profile.Rows.Take(MostOps).Sum(static row => row.Milliseconds);
        BenchTable.Note(console, $"{Math.Min(MostOps, step.Profile.Rows.Count)} of {step.Profile.Rows.Count} kinds of call, {BenchTable.Percent(shown / step.Profile.Milliseconds)} of the step; --json has all");
        BenchTable.Note(console, "sizes: kernel, s stride, d dilation, channels, and batch and size of the output; else the largest operand. Bytes: each operand once");
    }
}
