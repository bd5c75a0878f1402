using System.Collections.Immutable;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Text;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Host.Predictions;

/// <summary>Files that a command line names.</summary>
/// <param name="config">How the run reads them.</param>
/// <param name="plan">The files, and what is written for each.</param>
public sealed class FileSource(RunConfig config, IReadOnlyList<PlannedPictures> plan) : IPredictionSource
{
    private readonly int[] _tasks = [.. Enumerable.Range(0, config.Tasks.Count)];

    /// <inheritdoc/>
    public InputKind Inputs { get; } = BackboneRegistry.Get(config.Backbone).Inputs;

    /// <inheritdoc/>
    public bool HasLabels => false;

    /// <inheritdoc/>
    public IReadOnlyList<PlannedPictures> Plan => plan;

    /// <summary>All of them.</summary>
    public IReadOnlyList<int> TasksOf(int index) => _tasks;

    /// <inheritdoc/>
    public PredictionInput Read(int index)
    {
        string path = plan[index].Image;
        if (Inputs == InputKind.Text)
        {
            CharacterText text = TextInput.Read(path, config.Dataload.TextLength);
            return new PredictionInput(text, text.Height, text.Width, ImmutableDictionary<Label, Plane>.Empty);
        }

        BgrImage image = PictureFile.Read(path);
        BgrImage resized = ResizedDataset.Resize(image, config.Dataload.ResizeH, config.Dataload.ResizeW);
        return new PredictionInput(resized, image.Height, image.Width, ImmutableDictionary<Label, Plane>.Empty);
    }
}
