using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare predict</c>: paints what a run's network sees in images.</summary>
public static class PredictCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run; with --checkpoint the first image." };
        var images = new Argument<string[]>("IMAGE") { Description = "PNG or JPEG files, or folders of them; text files (.txt) where the network reads texts.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> output = CommonOptions.Output("The folder for pictures; it is made where it is missing.");
        var force = new Option<bool>("--force") { Description = "Replaces pictures that are in the folder already. An image that is read is never replaced." };
        var raw = new Option<bool>("--raw") { Description = $"Also writes the numbers: class indices as grey PNG, other pixels as .npy, and {RawPredictions.IndexName}, which names them all." };
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("predict", "Paints each task's prediction for images: beside the input, and each alone.") { run, images, output, raw, force, acceptConfiguration, device, threads };
        CheckpointOptions foreign = CheckpointOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
            string[] inputs = parsed.GetValue(images) ?? [];
            string folder = parsed.GetRequiredValue(output);
            if (foreign.Read(parsed, data: null, ConfigLoader.LoadNetwork) is { } checkpoint)
            {
                MethodRegistry.Get(checkpoint.Config.Method).Validate(checkpoint.Config);
                IReadOnlyList<PlannedPictures> pictures = Plan([parsed.GetRequiredValue(run), .. inputs], folder, checkpoint.Config, parsed.GetValue(raw), parsed.GetValue(force));
                using SelectedDevice chosen = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), checkpoint.Config.Numerics);
                host.Output.WriteLine($"device: {chosen.Description}");
                using TrainedNetwork network = checkpoint.Load(chosen.Backend, out _);
                host.Output.WriteLine($"{checkpoint.Path}: {checkpoint.Policy}");
                return Predict(host, new PredictionPainter(network, null, checkpoint.Config, parsed.GetValue(raw) ? new RawPredictions(checkpoint.Path, checkpoint.Policy, static _ => []) : null), pictures, folder, interrupt.Token);
            }

            if (inputs.Length == 0)
            {
                throw new ConfigurationException("predict needs the folder of a run and an image, or --checkpoint FILE and an image");
            }

            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            StoredNetwork best = stored.Best();
            IReadOnlyList<PlannedPictures> plan = Plan(inputs, folder, stored.Config, parsed.GetValue(raw), parsed.GetValue(force));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            using TrainedNetwork trained = best.Load(stored.Method, stored.Config, selected.Backend);
            host.Output.WriteLine(best.IsFinal ? $"{best.Checkpoint}: the final network" : $"{best.Checkpoint}: {best.Title}, since the run is not finished");
            DataManifest? data = DataManifest.Read(stored.Folder);
            RawPredictions? numbers = parsed.GetValue(raw) ? new RawPredictions(best.Checkpoint, best.Title, label => data?.NamesOf(label) ?? []) : null;
            var painter = new PredictionPainter(trained, data, stored.Config, numbers);
            return Predict(host, painter, plan, folder, interrupt.Token);
        });
        return command;
    }

    private static IReadOnlyList<PlannedPictures> Plan(IReadOnlyList<string> inputs, string folder, RunConfig config, bool raw, bool force)
    {
        TaskSpec[] tasks = [.. TaskSpec.Of(config)];
        TaskSpec[] painted = [.. tasks.Where(static task => !task.Label.IsOfImage)];
        string[] tables = [.. painted.Length < tasks.Length ? new[] { PredictionTable.FileName } : [], .. raw ? new[] { RawPredictions.IndexName } : []];
        return PredictionPlan.Of(BackboneRegistry.Get(config.Backbone).Inputs, inputs, folder, [.. painted.Select(static task => task.Name)], raw ? [.. painted.Select(RawPredictions.EndingOf)] : [], tables, force);
    }

    /// <summary>Predicts image by image; one that can't be read is reported, and the others go on. Whoever stops it has tables of what was predicted before.</summary>
    private static int Predict(HostContext host, PredictionPainter painter, IReadOnlyList<PlannedPictures> plan, string folder, CancellationToken stop)
    {
        int failed = 0, done = 0;
        foreach (PlannedPictures planned in plan.TakeWhile(_ => !stop.IsCancellationRequested))
        {
            StoredInput input;
            try
            {
                input = painter.Read(planned.Image);
            }
            catch (DataException error) when (plan.Count > 1)
            {
                failed++;
                host.Error.WriteLine($"adashare: {error.Message}");
                continue;
            }

            host.Output.WriteLine(painter.Paint(planned, input));
            done++;
        }

        WriteTables(host, painter, folder, done);
        stop.ThrowIfCancellationRequested();
        if (failed > 0)
        {
            host.Error.WriteLine($"adashare: {failed} of {plan.Count} {painter.Inputs.Plural()} could not be read; the predictions for the others are there");
        }

        return failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static void WriteTables(HostContext host, PredictionPainter painter, string folder, int done)
    {
        if (done > 0 && painter.Table is { } table)
        {
            string path = Path.Combine(folder, PredictionTable.FileName);
            table.Write(path);
            host.Output.WriteLine($"{path}: what is said of {(painter.Inputs == InputKind.Text ? "the texts" : "the images as a whole")}");
        }

        if (done > 0 && painter.Raw is { } raw)
        {
            string path = Path.Combine(folder, RawPredictions.IndexName);
            raw.WriteIndex(path);
            host.Output.WriteLine($"{path}: the files with the numbers, and what they are");
        }
    }
}
