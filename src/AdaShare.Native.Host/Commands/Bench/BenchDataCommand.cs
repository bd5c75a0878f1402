using System.CommandLine;
using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console.Bench;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary><c>adashare bench data</c>: how many images a second the loader prepares.</summary>
public static class BenchDataCommand
{
    private const int MostWorkers = 256;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> config = CommonOptions.Config(), preset = CommonOptions.Preset(), data = CommonOptions.Data(), cache = CommonOptions.Cache();
        Option<string[]> set = CommonOptions.Set();
        Option<(int Height, int Width)?> crop = BenchOptions.Size("--crop", "The crop, instead of the configuration's.");
        Option<int?> batch = BenchOptions.Batch("Images of a batch, instead of the configuration's.");
        Option<int[]?> workers = BenchOptions.Numbers("--workers", "Background threads of the loader, separated by commas. Default: 1, 2, 4 … up to the processors.", MostWorkers, all: false);
        var input = new Option<bool>("--input") { Description = "Also makes the network's input of each batch (scale, mirror, crop, mean) on the CPU, which a training run leaves to its device." };
        Option<int> rounds = BenchOptions.Rounds("Samples of every figure.", 5);
        Option<string?> json = BenchOptions.Json();
        var command = new Command("data", "Times the loader of a training run by itself: images a second by number of workers and for each core, bytes an image that go to the device.")
        {
            config, preset, data, cache, set, crop, batch, workers, input, rounds, json,
        };
        command.SetAction(parsed =>
        {
            var output = new BenchOutput(host, parsed.GetValue(json));
            string[] assignments = [.. parsed.GetValue(set) ?? [], .. Sizes(parsed.GetValue(crop), parsed.GetValue(batch))];
            RunConfig loaded = ConfigLoader.Load(new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), assignments, parsed.GetValue(data)) { Cache = parsed.GetValue(cache) }).Config;
            string name = parsed.GetValue(config) is string file ? Path.GetFileName(file) : parsed.GetValue(preset) ?? PresetCatalog.Default;
            return Measure(host, output, loaded, name, parsed.ListOr(workers, PowersOfTwo()), new Sampling(parsed.GetValue(rounds)), parsed.GetValue(input));
        });
        return command;
    }

    private static string Variation(DataConfig data) => data.Crop == DataConfig.ResizedCrop
        ? FormattableString.Invariant($"regions of {data.Resized.AreaMin:0.##} to {data.Resized.AreaMax:0.##} of the area, resized")
        : data.Scales.Count > 0 ? FormattableString.Invariant($"scaled by one of {string.Join(", ", data.Scales)}") : $"scaled by {data.ScaleMin} to {data.ScaleMax}";

    private static int Measure(HostContext host, BenchOutput output, RunConfig config, string name, int[] workers, Sampling sampling, bool makesInput)
    {
        using SelectedDevice cpu = DeviceSelector.Open(host, "cpu", 1);
        BatchShape shape = Shape(config, cpu.Backend);
        string size = $"{shape.Height}x{shape.Width} b{shape.Count} {string.Join(',', config.Tasks)}{(config.Dataload.Cache is null ? "" : ", cached")}{(makesInput ? ", input" : "")}";
        using var interrupt = Interrupt.Listen(host, "stopping after this pass; press Ctrl-C again to end at once");
        IDataset dataset = DatasetFactory.OpenCached(config, rebuild: false, output.Line, interrupt.Token);
        using var opened = dataset as IDisposable;
        output.Line($"data: {DatasetFactory.Describe(dataset)}");
        output.Line(BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text
            ? $"batches: {shape.Count} texts of {shape.Width} characters for {string.Join(", ", config.Tasks)}"
            : $"batches: {shape.Count} crops of {shape.Height}x{shape.Width} for {string.Join(", ", config.Tasks)}, {Variation(config.Dataload)}");
        BenchmarkRun run = BenchOutput.Run("data", cpu, config.Numerics, 0);
        IReadOnlyList<DataMeasurement> measured = output.Busy(
            "the loader", () => DataMeasurement.Of(config, shape, () => DatasetFactory.OpenCached(config, rebuild: false, static _ => { }, interrupt.Token), workers, sampling, makesInput ? cpu.Backend : null, interrupt.Token));
        using var workload = new DataWorkload(config, shape, dataset, 1);
        double bytes = workload.UploadBytes(cpu.Backend);
        output.Tables(console => DataReport.Write(console, measured, bytes, sampling));
        output.Write(run with
        {
            Rows =
            [
                .. measured.SelectMany(row => row.Rows($"{name} {size}")),
                new BenchmarkRow($"data {name} {size}: to the device", "bytes/image", HigherIsBetter: false, Spread.Of([bytes])),
            ],
        });
        return ExitCode.Success;
    }

    /// <summary>The sizes of a batch; heads do not matter to them.</summary>
    private static BatchShape Shape(RunConfig config, Backend backend)
    {
        using var network = new SharedNetwork(NetworkSpec.Of(config) with { HeadChannels = 1 }, backend);
        return TrainingLoader.Shape(config, network);
    }

    private static IEnumerable<string> Sizes((int Height, int Width)? crop, int? batch)
    {
        if (crop is var (height, width))
        {
            yield return $"dataload.crop_h={height}";
            yield return $"dataload.crop_w={width}";
        }

        if (batch is int images)
        {
            yield return $"train.batch_size={images}";
        }
    }

    private static IEnumerable<int> PowersOfTwo()
    {
        for (int workers = 1; workers < Environment.ProcessorCount; workers *= 2)
        {
            yield return workers;
        }

        yield return Environment.ProcessorCount;
    }
}
