using System.CommandLine;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console.Bench;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary><c>adashare bench reporting</c>: what log, lines, live view and event files add to a training step.</summary>
public static class BenchReportingCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> config = CommonOptions.Config(), preset = CommonOptions.Preset(), data = CommonOptions.Data();
        Option<string[]> set = CommonOptions.Set();
        Option<int> steps = CommonOptions.Count("--steps", "Steps that are timed each time, after the first three.", 1, 1_000_000, 60), turns = CommonOptions.Count("--turns", "How often every way of reporting is timed.", 1, 1000, 7);
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> json = BenchOptions.Json();
        var command = new Command("reporting", "Times the steps of one run by turns: with nothing said, with its log, with lines, with the live view, with event files for TensorBoard.") { config, preset, data, set, steps, turns, device, threads, json };
        command.SetAction(parsed =>
        {
            var output = new BenchOutput(host, parsed.GetValue(json));
            RunConfig loaded = ConfigLoader.Load(new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? [], parsed.GetValue(data))).Config;

            // Validations and checkpoints are work of the run, not reports of it.
            (loaded.Train.ValFreq, loaded.Train.CheckpointFreq) = (0, 0);
            string name = parsed.GetValue(config) is string file ? Path.GetFileName(file) : parsed.GetValue(preset) ?? PresetCatalog.Default;
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), loaded.Numerics);
            BenchmarkRun run = BenchOutput.Run("reporting", selected, loaded.Numerics, parsed.GetValue(threads));
            using var interrupt = Interrupt.Listen(host, "stopping after this step; press Ctrl-C again to end at once");
            IDataset dataset = DatasetFactory.Open(loaded);
            using var opened = dataset as IDisposable;
            output.Line($"device: {selected.FullDescription}");
            int count = parsed.GetRequiredValue(steps), times = parsed.GetRequiredValue(turns);
            IReadOnlyList<ReportingMeasurement> measured = output.Busy("reporting", () => ReportingMeasurement.Of(loaded, selected.Backend, dataset, count, times, interrupt.Token));
            output.Tables(console => ReportingReport.Write(console, measured, count, times, loaded.Train.PrintFreq));
            BenchmarkRow Row(string what, Spread share) => new($"reporting {name} b{loaded.Train.BatchSize}: {what}", "ratio", HigherIsBetter: false, share);
            output.Write(run with
            {
                Rows =
                [
                    .. measured.Select(way => new BenchmarkRow($"reporting {name} b{loaded.Train.BatchSize}: {way.Way}", "ms", HigherIsBetter: false, way.Milliseconds, Figures(way))),
                    .. measured.Select(way => Row($"{way.Way}, told on the training thread / step", way.Told)),
                    .. measured.Where(static way => way.Drawn is not null).Select(way => Row($"{way.Way}, drawn by its own thread / step", way.Drawn!)),
                ],
            });
            return ExitCode.Success;
        });
        return command;
    }

    private static Dictionary<string, double> Figures(ReportingMeasurement way) => new() { ["ratio_to_nothing"] = way.Ratio.Median, ["processor_ratio_to_nothing"] = way.Processor.Median };
}
