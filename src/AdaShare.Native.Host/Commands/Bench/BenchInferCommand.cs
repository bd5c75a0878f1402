using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Console.Bench;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary><c>adashare bench infer</c>: what predictions take under policies, and what skipping saves.</summary>
public static class BenchInferCommand
{
    private const string DefaultBackbone = "ResNet34";
    private static readonly (int Height, int Width, int Batch) OnGpu = (480, 640, 8), OnCpu = (120, 160, 4);

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> backbone = BenchOptions.Backbone(DefaultBackbone);
        Option<double> width = BenchOptions.Width(), headWidth = BenchOptions.HeadWidth();
        Option<string[]?> tasks = BenchOptions.Tasks();
        Option<(int Height, int Width)?> size = BenchOptions.Size("--size", $"The images' size. Default: {OnGpu.Height}x{OnGpu.Width} on a GPU, {OnCpu.Height}x{OnCpu.Width} on a CPU.");
        Option<int?> batch = BenchOptions.Batch($"Images that are predicted together where throughput is measured. Default: {OnGpu.Batch} on a GPU, {OnCpu.Batch} on a CPU.");
        var skip = new Option<string[]>("--skip")
        {
            HelpName = "POLICY",
            Description = "Also a policy written by hand: the blocks, from 0, that each task skips, for example \"seg:6;sn:9,10,11;depth:5,10,11\"; may be repeated.",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var random = new Option<double?>("--random")
        {
            HelpName = "SHARE",
            Description = "Also a policy drawn at random, in which each task skips each block with this probability.",
            CustomParser = static result => ParseShare(result.Tokens[0].Value, result.AddError),
        };
        Option<string> device = CommonOptions.Device(), numerics = CommonOptions.Numerics("fast");
        Option<int?> threads = CommonOptions.Threads();
        Option<int> predictions = CommonOptions.Count("--predictions", "How often one image is predicted under each policy.", 20, 100_000, 30);
        Option<int> rounds = BenchOptions.Rounds("Samples of a batch's time.", 5);
        Option<string?> json = BenchOptions.Json();
        var command = new Command("infer", "Times predictions under policies: latency of one image, throughput of a batch, what skipping saves in multiply-adds and in time.")
        {
            backbone, width, headWidth, tasks, size, batch, skip, random, device, numerics, threads, predictions, rounds, json,
        };
        command.SetAction(parsed =>
        {
            var output = new BenchOutput(host, parsed.GetValue(json));
            IReadOnlyList<TaskSpec> wanted = WorkloadNames.Tasks(parsed.ListOr(tasks, BenchOptions.DefaultTasks));
            BackboneSpec network = BackboneSpec.Of(parsed.GetValue(backbone) ?? DefaultBackbone, parsed.GetValue(width));
            if (network.Inputs == InputKind.Text)
            {
                throw new ConfigurationException($"--backbone is {network.Name}, which reads texts; expected one that reads images: {BackboneRegistry.ListOf(InputKind.Image)}; adashare bench step times both");
            }

            InferencePolicy[] policies =
            [
                InferencePolicy.Separate, InferencePolicy.AllOn, .. InferencePolicy.Published(network, wanted),
                .. (parsed.GetValue(skip) ?? []).Select(text => InferencePolicy.Skip(text, network, wanted)),
                .. parsed.GetValue(random) is double share ? [InferencePolicy.Random(share, network, wanted)] : Array.Empty<InferencePolicy>(),
            ];
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetRequiredValue(numerics));
            (int Height, int Width, int Batch) sizes = selected.IsCpu ? OnCpu : OnGpu;
            (int height, int columns) = parsed.GetValue(size) ?? (sizes.Height, sizes.Width);
            int headChannels = BackboneSpec.Scale(WorkloadNames.PublishedHeadChannels, parsed.GetValue(headWidth));
            var spec = new InferenceSpec(network, wanted, headChannels, height, columns, parsed.GetValue(batch) ?? sizes.Batch, policies)
            {
                Activations = NetworkSpec.ActivationsOf(parsed.GetRequiredValue(numerics)),
            };
            BenchmarkRun run = BenchOutput.Run("infer", selected, parsed.GetRequiredValue(numerics), parsed.GetValue(threads));
            return Measure(host, output, selected, run, spec, parsed.GetValue(predictions), new Sampling(parsed.GetValue(rounds)));
        });
        return command;
    }

    private static int Measure(HostContext host, BenchOutput output, SelectedDevice device, BenchmarkRun run, InferenceSpec spec, int predictions, Sampling sampling)
    {
        output.Line($"device: {device.FullDescription}");
        output.Line($"network: {WorkloadNames.Of(spec.Backbone, spec.Tasks, spec.HeadChannels)}, images of {spec.Height}x{spec.Width}, {run.Policy.Numerics}");
        using var interrupt = Interrupt.Listen(host, "stopping after this prediction; press Ctrl-C again to end at once");
        IReadOnlyList<InferenceMeasurement> measured = output.Busy("predictions", () => InferenceMeasurement.Of(device.Backend, spec, predictions, sampling, interrupt.Token));
        output.Tables(console => InferReport.Write(console, measured, predictions));
        output.Write(run with { Rows = [.. measured.SelectMany(row => row.Rows(measured[0]))] });
        return ExitCode.Success;
    }

    private static double? ParseShare(string text, Action<string> refuse)
    {
        if (double.TryParse(text, CultureInfo.InvariantCulture, out double share) && share is >= 0 and <= 1)
        {
            return share;
        }

        refuse($"--random is {text}; expected a probability from 0 to 1.");
        return null;
    }
}
