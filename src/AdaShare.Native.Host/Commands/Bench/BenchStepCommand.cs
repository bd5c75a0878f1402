using System.CommandLine;
using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Cuda;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Console.Bench;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary><c>adashare bench step</c>: what training steps take, phase by phase, and where the time goes.</summary>
public static class BenchStepCommand
{
    // The published three-task network on a GPU; on a CPU what two cores do in about a minute.
    private static readonly (string Backbone, int Crop, int Batch) OnGpu = ("ResNet34", 321, 16), OnCpu = ("ResNet18", 64, 2);
    private static readonly StepKind[] Kinds = [StepKind.WarmUp, StepKind.Weights, StepKind.Policy];

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> backbone = BenchOptions.Backbone($"{OnGpu.Backbone} on a GPU, {OnCpu.Backbone} on a CPU");
        Option<double> width = BenchOptions.Width(), headWidth = BenchOptions.HeadWidth();
        Option<string[]?> tasks = BenchOptions.Tasks();
        Option<(int Height, int Width)?> crop = BenchOptions.Size("--crop", $"The images' size. Default: {OnGpu.Crop} on a GPU, {OnCpu.Crop} on a CPU.");
        Option<int?> batch = BenchOptions.Batch($"Images of a step. Default: {OnGpu.Batch} on a GPU, {OnCpu.Batch} on a CPU.");
        var kind = new Option<StepKind[]?>("--kind")
        {
            HelpName = "LIST",
            Description = "What steps move, separated by commas: warm-up (weights, all blocks on), weights (under sampled gates), policy (the logits). Default: all.",
            CustomParser = static result => ParseKinds(result.Tokens[0].Value, result.AddError),
        };
        Option<int[]?> open = BenchOptions.Numbers("--open", "How many of the last blocks have an open decision, separated by commas; all for every block. Default: 1,all.", most: 1000, all: true);
        var weighting = new Option<string[]?>("--weighting")
        {
            HelpName = "LIST",
            Description = $"How steps that move weights weigh the losses, separated by commas: {string.Join(", ", WeightingRegistry.Names)}. Default: {WeightingRegistry.Names[0]}.",
            CustomParser = static result => ParseWeightings(result.Tokens[0].Value, result.AddError),
        };
        Option<string> device = CommonOptions.Device(), numerics = CommonOptions.Numerics("fast");
        Option<int?> threads = CommonOptions.Threads();
        Option<int> rounds = BenchOptions.Rounds("Samples of every time.", 7);
        var recompute = new Option<bool>("--recompute") { Description = "Computes the bodies of residual blocks again in the backward pass instead of keeping what lies in them (train.recompute: blocks)." };
        var ops = new Option<bool>("--ops") { Description = "Also shows the kernels that take most of the time." };
        Option<string?> json = BenchOptions.Json();
        var command = new Command("step", "Times whole training steps, phase by phase: images a second, useful FLOP/s, memory, and where the time goes.")
        {
            backbone, width, headWidth, tasks, crop, batch, kind, open, weighting, device, numerics, threads, rounds, recompute, ops, json,
        };
        command.SetAction(parsed =>
        {
            var output = new BenchOutput(host, parsed.GetValue(json));
            BackboneSpec? named = parsed.GetValue(backbone) is string name ? BackboneSpec.Of(name, parsed.GetValue(width)) : null;
            InputKind inputs = named?.Inputs ?? InputKind.Image;
            IReadOnlyList<TaskSpec> wanted = WorkloadNames.Tasks(parsed.ListOr(tasks, inputs == InputKind.Text ? BenchOptions.TextTasks : BenchOptions.DefaultTasks));
            if (inputs == InputKind.Text)
            {
                CheckTexts(named!, wanted, parsed.GetValue(crop));
            }

            int[] openBlocks = parsed.ListOr(open, [1, int.MaxValue]);
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetRequiredValue(numerics));
            (string Backbone, int Crop, int Batch) sizes = selected.IsCpu ? OnCpu : OnGpu;
            (int height, int columns) = inputs == InputKind.Text ? NetworkSpec.InputSize(new RunConfig { Backbone = named!.Name }) : parsed.GetValue(crop) ?? (sizes.Crop, sizes.Crop);
            var spec = new StepSpec(
                named ?? BackboneSpec.Of(sizes.Backbone, parsed.GetValue(width)), wanted, height, columns, parsed.GetValue(batch) ?? sizes.Batch, StepKind.WarmUp, 0)
            {
                HeadChannels = BackboneSpec.Scale(NetworkSpec.FullHeadChannelsOf(inputs), parsed.GetValue(headWidth)),
                Recompute = parsed.GetValue(recompute),
                Activations = NetworkSpec.ActivationsOf(parsed.GetRequiredValue(numerics)),
            };
            BenchmarkRun run = BenchOutput.Run("step", selected, parsed.GetRequiredValue(numerics), parsed.GetValue(threads));
            return Measure(host, output, selected, run, [.. Specs(spec, parsed.ListOr(kind, Kinds), openBlocks, parsed.ListOr(weighting, [WeightingRegistry.Names[0]]))], new Sampling(parsed.GetValue(rounds)), parsed.GetValue(ops));
        });
        return command;
    }

    private static int Measure(HostContext host, BenchOutput output, SelectedDevice device, BenchmarkRun run, IReadOnlyList<StepSpec> specs, Sampling sampling, bool showsOps)
    {
        StepSpec first = specs[0];
        output.Line($"device: {device.FullDescription}");
        bool reads = first.Backbone.Inputs == InputKind.Text;
        output.Line(
            $"step: {WorkloadNames.Of(first.Backbone, first.Tasks, first.HeadChannels)}, {(reads ? $"{first.Width} characters" : $"{first.Height}x{first.Width}")}, batch {first.Batch}, {run.Policy.Numerics}"
            + $"{(first.Recompute ? ", recomputing blocks" : "")}; random {first.Backbone.Inputs.Plural()}, loading left out (adashare bench data)");
        using var interrupt = Interrupt.Listen(host, "stopping after this step; press Ctrl-C again to end at once");
        var measured = new List<StepMeasurement>();
        foreach (StepSpec spec in specs)
        {
            measured.Add(output.Busy(spec.KindName, () => StepMeasurement.Of(device.Backend, spec, sampling, interrupt.Token)));

            // Memory that the next kind of step does not ask for in the same sizes.
            device.Backend.TrimCache();
        }

        output.Tables(console => StepReport.Write(console, measured, sampling, showsOps, (device.Backend as CudaBackend)?.Steps));
        output.Write(run with { Rows = [.. measured.SelectMany(step => step.Rows(showsOps))] });
        return ExitCode.Success;
    }

    /// <summary>Refuses what is meant for images where texts are read.</summary>
    private static void CheckTexts(BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks, (int Height, int Width)? crop)
    {
        if (crop is not null)
        {
            throw new ConfigurationException($"--crop is an image's, and backbone {backbone.Name} reads texts; leave it out");
        }

        if (tasks.FirstOrDefault(static task => !task.Label.IsOfImage) is { } pixels)
        {
            throw new ConfigurationException($"--tasks has {pixels.Name}, of each pixel, and backbone {backbone.Name} reads texts; expected class, or class several times, separated by commas");
        }
    }

    private static IEnumerable<StepSpec> Specs(StepSpec spec, StepKind[] kinds, int[] open, string[] weightings)
    {
        foreach (StepKind kind in kinds)
        {
            // In the warm-up no decision is open; several numbers that mean all blocks are one.
            foreach (int blocks in kind == StepKind.WarmUp ? [0] : open.Select(blocks => Math.Min(blocks, spec.Backbone.BlockCount)).Distinct())
            {
                foreach (string weighting in kind == StepKind.Policy ? WeightingRegistry.Names.Take(1) : weightings)
                {
                    yield return spec with { Kind = kind, OpenBlocks = blocks, Weighting = weighting };
                }
            }
        }
    }

    private static string[] ParseWeightings(string text, Action<string> refuse)
    {
        string[] words = [.. BenchOptions.Words(text).Distinct()];
        string? unknown = Array.Find(words, static word => WeightingRegistry.Find(word) is null);
        if (unknown is not null || words.Length == 0)
        {
            refuse($"--weighting {(unknown is null ? "is empty" : $"{unknown} is not known")}; expected {string.Join(", ", WeightingRegistry.Names)}, separated by commas.");
        }

        return words;
    }

    private static StepKind[] ParseKinds(string text, Action<string> refuse)
    {
        var kinds = new List<StepKind>();
        foreach (string word in BenchOptions.Words(text))
        {
            int index = Array.FindIndex(Kinds, kind => StepSpec.NameOf(kind) == word);
            if (index < 0)
            {
                refuse($"--kind {word} is not known; expected {string.Join(", ", Kinds.Select(StepSpec.NameOf))}, separated by commas.");
                return Kinds;
            }

            kinds.Add(Kinds[index]);
        }

        if (kinds.Count == 0)
        {
            refuse($"--kind is empty; expected {string.Join(", ", Kinds.Select(StepSpec.NameOf))}, separated by commas.");
        }

        return [.. kinds.Distinct()];
    }
}
