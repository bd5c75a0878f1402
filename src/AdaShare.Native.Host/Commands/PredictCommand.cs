using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare predict</c>: paints what a run's network sees in images.</summary>
public static class PredictCommand
{
    private const int Gap = 4;
    private static readonly Colour GapColour = Colour.Grey(0.5);

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run." };
        var images = new Argument<string[]>("IMAGE") { Description = "PNG files.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { HelpName = "DIR", Description = "The folder for pictures; it is made where it is missing.", Required = true };
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("predict", "Paints each task's prediction for images: beside the input, and each alone.") { run, images, output, device, threads };
        command.SetAction(parsed =>
        {
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run));
            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), stored.Config.Numerics);
            host.Output.WriteLine($"device: {selected.Description}");
            StoredNetwork best = stored.Best();
            using TrainedNetwork trained = best.Load(stored.Method, stored.Config, selected.Backend);
            host.Output.WriteLine(best.IsFinal ? $"{best.Checkpoint}: the final network" : $"{best.Checkpoint}: {best.Title}, since the run is not finished");
            return Predict(host, trained, parsed.GetRequiredValue(images), parsed.GetRequiredValue(output));
        });
        return command;
    }

    private static int Predict(HostContext host, TrainedNetwork run, string[] images, string folder)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string file in images)
        {
            BgrImage image = PictureFile.Read(file);
            TaskPicture[] painted = [.. run.Predict(image).Select(predicted => predicted.Task.Kind.Paint(predicted.Task.Name, predicted.Prediction))];
            string name = UniqueName(names, Path.GetFileNameWithoutExtension(file));
            Picture[] row = [Picture.Of(image), .. painted.Select(picture => picture.Picture)];
            string combined = Path.Combine(folder, name + ".png");
            PictureFile.Write(combined, Picture.Row(row, Gap, GapColour));
            foreach (TaskPicture picture in painted)
            {
                PictureFile.Write(Path.Combine(folder, $"{name}_{picture.Task}{Range(picture)}.png"), picture.Picture);
            }

            string shown = string.Join(" | ", painted.Select(picture => picture.Task + (picture.Metres is null ? "" : $" {Range(picture)[1..]}")));
            host.Output.WriteLine($"{combined}: input | {shown}");
        }

        return ExitCode.Success;
    }

    private static string Range(TaskPicture picture) => picture.Metres is (double near, double far)
        ? $"_{near.ToString("0.00", CultureInfo.InvariantCulture)}m-{far.ToString("0.00", CultureInfo.InvariantCulture)}m"
        : "";

    /// <summary>Images of one name from several folders must not overwrite each other's pictures.</summary>
    private static string UniqueName(HashSet<string> names, string name)
    {
        string unique = name;
        for (int number = 2; !names.Add(unique); number++)
        {
            unique = $"{name}-{number}";
        }

        return unique;
    }
}
