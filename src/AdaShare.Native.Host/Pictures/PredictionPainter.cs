using System.Globalization;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Text;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Predicts for one image, or text, after the other: tasks of pixels are painted, those of whole images or texts gathered in a table.</summary>
/// <param name="network">The network.</param>
/// <param name="data">What the run knows of its data, for the names of classes; null where it knows nothing.</param>
/// <param name="config">How the run reads them.</param>
/// <param name="raw">Where the numbers go too; null where they are not asked for.</param>
public sealed class PredictionPainter(TrainedNetwork network, DataManifest? data, RunConfig config, RawPredictions? raw)
{
    /// <summary>What is said of the images so far; null where no task speaks of images as a whole.</summary>
    public PredictionTable? Table { get; } = network.Model.Tasks.Any(static task => task.Label.IsOfImage) ? new(BackboneRegistry.Get(config.Backbone).Inputs) : null;

    /// <summary>The numbers; null where they are not asked for.</summary>
    public RawPredictions? Raw { get; } = raw;

    /// <summary>What the network reads.</summary>
    public InputKind Inputs { get; } = BackboneRegistry.Get(config.Backbone).Inputs;

    /// <summary>Writes an image's pictures.</summary>
    /// <param name="planned">What they are called.</param>
    /// <param name="image">What <see cref="Read"/> returned.</param>
    /// <returns>A line for people: where the picture is, what it shows from left to right, and what is said of the image.</returns>
    /// <exception cref="DataException">A picture can't be written.</exception>
    public string Paint(PlannedPictures planned, StoredInput image)
    {
        ArgumentNullException.ThrowIfNull(planned);
        IReadOnlyList<(TaskSpec Task, Plane Prediction)> predicted = network.Predict(image);
        (TaskSpec Task, Plane Prediction)[] ofPixels = [.. predicted.Where(static p => !p.Task.Label.IsOfImage)];
        (TaskPicture Picture, string Unit)[] painted = [.. ofPixels.Select(static p => (p.Task.Kind.Paint(p.Task.Name, p.Prediction), p.Task.Kind.Unit))];
        for (int t = 0; t < painted.Length; t++)
        {
            PictureFile.Write(planned.OfTasks[t], painted[t].Picture.Picture);
        }

        string shown = planned.Image;
        if (planned.Combined is { } combined)
        {
            LegendColumn[] legends = [LegendColumn.Input, .. ofPixels.Select((one, t) => LegendColumn.Of(one.Task, one.Prediction, painted[t].Picture, data?.NamesOf(one.Task.Label.Name) ?? []))];
            PictureFile.Write(combined, PictureLegend.Row([Picture.Of((BgrImage)image), .. painted.Select(static one => one.Picture.Picture)], legends));
            shown = $"{combined}: input | {string.Join(" | ", painted.Select(static one => one.Picture.Task + Range(one.Picture, one.Unit)))}";
        }

        foreach ((TaskSpec task, Plane prediction) in predicted.Where(static p => p.Task.Label.IsOfImage))
        {
            IReadOnlyList<string> names = data?.NamesOf(task.Label.Name) ?? [];
            Table!.Add(planned.Image, task, prediction, names);
            shown += $"; {task.Name}: {task.Kind.Say(prediction, names)}";
        }

        Raw?.Add(planned.Image, planned.Raw, predicted);
        return shown;
    }

    /// <summary>Reads an image or a text as the network wants it.</summary>
    /// <exception cref="DataException">It can't be read.</exception>
    public StoredInput Read(string path) => Inputs == InputKind.Text
        ? TextInput.Read(path, config.Dataload.TextLength)
        : ResizedDataset.Resize(PictureFile.Read(path), config.Dataload.ResizeH, config.Dataload.ResizeW);

    private static string Range(TaskPicture picture, string unit)
    {
        string suffix = unit.Length > 0 ? " " + unit : "";
        return picture.Metres is (double low, double high) ? string.Create(CultureInfo.InvariantCulture, $" {low:0.00}{suffix} (warm) to {high:0.00}{suffix} (cool)") : "";
    }
}
