using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare predict</c>: paints what a run's network sees in images.</summary>
public static class PredictCommand
{
    private const int Gap = 4;
    private static readonly Colour GapColour = Colour.Grey(0.5);

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run; with --checkpoint the first image." };
        var images = new Argument<string[]>("IMAGE") { Description = "PNG or JPEG files, or folders of them.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> output = CommonOptions.Output("The folder for pictures; it is made where it is missing.");
        var force = new Option<bool>("--force") { Description = "Replaces pictures that are in the folder already. An image that is read is never replaced." };
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("predict", "Paints each task's prediction for images: beside the input, and each alone.") { run, images, output, force, acceptConfiguration, device, threads };
        CheckpointOptions foreign = CheckpointOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interrupt = Interrupt.Listen(host, "stopping after this image; press Ctrl-C again to end at once");
            string[] inputs = parsed.GetValue(images) ?? [];
            if (foreign.Read(parsed, data: null, ConfigLoader.LoadNetwork) is { } checkpoint)
            {
                MethodRegistry.Get(checkpoint.Config.Method).Validate(checkpoint.Config);
                IReadOnlyList<PlannedPictures> pictures = PredictionPlan.Of([parsed.GetRequiredValue(run), .. inputs], parsed.GetRequiredValue(output), checkpoint.Config.Tasks, parsed.GetValue(force));
                using SelectedDevice chosen = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), checkpoint.Config.Numerics);
                host.Output.WriteLine($"device: {chosen.Description}");
                using TrainedNetwork network = checkpoint.Load(chosen.Backend, out _);
                host.Output.WriteLine($"{checkpoint.Path}: {checkpoint.Policy}");
                return Predict(host, network, pictures, interrupt.Token);
            }

            if (inputs.Length == 0)
            {
                throw new ConfigurationException("predict needs the folder of a run and an image, or --checkpoint FILE and an image");
            }

            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            StoredNetwork best = stored.Best();
            IReadOnlyList<PlannedPictures> plan = PredictionPlan.Of(inputs, parsed.GetRequiredValue(output), stored.Config.Tasks, parsed.GetValue(force));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            using TrainedNetwork trained = best.Load(stored.Method, stored.Config, selected.Backend);
            host.Output.WriteLine(best.IsFinal ? $"{best.Checkpoint}: the final network" : $"{best.Checkpoint}: {best.Title}, since the run is not finished");
            return Predict(host, trained, plan, interrupt.Token);
        });
        return command;
    }

    /// <summary>Predicts image by image; one that can't be read is reported, and the others go on.</summary>
    private static int Predict(HostContext host, TrainedNetwork network, IReadOnlyList<PlannedPictures> plan, CancellationToken stop)
    {
        int failed = 0;
        foreach (PlannedPictures planned in plan)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                host.Output.WriteLine($"{planned.Combined}: input | {Predict(network, planned)}");
            }
            catch (DataException error) when (plan.Count > 1)
            {
                failed++;
                host.Error.WriteLine($"adashare: {error.Message}");
            }
        }

        if (failed > 0)
        {
            host.Error.WriteLine($"adashare: {failed} of {plan.Count} images could not be read; the pictures of the others are there");
        }

        return failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Writes an image's pictures, and returns what they show from left to right.</summary>
    private static string Predict(TrainedNetwork network, PlannedPictures planned)
    {
        BgrImage image = PictureFile.Read(planned.Image);
        TaskPicture[] painted = [.. network.Predict(image).Select(static predicted => predicted.Task.Kind.Paint(predicted.Task.Name, predicted.Prediction))];
        for (int t = 0; t < painted.Length; t++)
        {
            PictureFile.Write(planned.OfTasks[t], painted[t].Picture);
        }

        PictureFile.Write(planned.Combined, Picture.Row([Picture.Of(image), .. painted.Select(static picture => picture.Picture)], Gap, GapColour));
        return string.Join(" | ", painted.Select(static picture => picture.Task + Range(picture)));
    }

    private static string Range(TaskPicture picture) => picture.Metres is (double near, double far)
        ? string.Create(CultureInfo.InvariantCulture, $" {near:0.00} m (warm) to {far:0.00} m (cool)")
        : "";
}
