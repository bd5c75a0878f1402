using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>A data set whose images are brought to one size when they are read, for labels that speak of images as a whole: pictures of any size are then trained on and measured alike.</summary>
/// <remarks>Where training takes random regions and resizes those (<see cref="ResizedCropOptions"/>), its images stay as they are, since an image is resized once.</remarks>
public sealed class ResizedDataset : IDataset
{
    private readonly IDataset _inner;
    private readonly int _height;
    private readonly int _width;
    private readonly bool _leavesTraining;

    /// <summary>Wraps a data set.</summary>
    /// <param name="inner">The data set.</param>
    /// <param name="height">Rows of every image.</param>
    /// <param name="width">Columns of every image.</param>
    /// <param name="leavesTraining">Whether images to train on stay as they are.</param>
    /// <exception cref="ConfigurationException">A label speaks of pixels.</exception>
    public ResizedDataset(IDataset inner, int height, int width, bool leavesTraining = false)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (inner.Labels.Where(static label => !label.IsOfImage).ToArray() is { Length: > 0 } ofPixels)
        {
            throw new ConfigurationException($"dataload.resize_h is {height}; expected 0 for {inner.Name}, whose labels {string.Join(", ", ofPixels)} speak of pixels; scale_min and scale_max vary those");
        }

        (_inner, _height, _width, _leavesTraining) = (inner, height, width, leavesTraining);
        Parts = [.. inner.Parts.Select(part => part with { Dataset = new ResizedDataset(part.Dataset, height, width, leavesTraining) })];
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels => _inner.Labels;

    /// <inheritdoc/>
    public IReadOnlyList<DatasetPart> Parts { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices => _inner.Notices;

    /// <inheritdoc/>
    public string Origin => _inner.Origin;

    /// <inheritdoc/>
    public string Reading => $"{_height}x{_width}{(_leavesTraining ? " but for training" : "")}; {_inner.Reading}";

    /// <summary>A picture in the size that a configuration wants; as it is where it wants none.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="height">Rows; 0 to leave it.</param>
    /// <param name="width">Columns.</param>
    public static BgrImage Resize(BgrImage image, int height, int width) => height == 0 ? image : BilinearResize.Of(image, height, width);

    /// <inheritdoc/>
    public int ClassesOf(Label label) => _inner.ClassesOf(label);

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => _inner.ClassNamesOf(label);

    /// <inheritdoc/>
    public IReadOnlyList<float> ClassWeightsOf(Label label) => _inner.ClassWeightsOf(label);

    /// <inheritdoc/>
    public bool CountsVoidAsWrong => _inner.CountsVoidAsWrong;

    /// <inheritdoc/>
    public int Count(Split split) => _inner.Count(split);

    /// <inheritdoc/>
    public string Id(Split split, int index) => _inner.Id(split, index);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index) => _inner.Fingerprints(split, index);

    /// <inheritdoc/>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        Sample sample = _inner.Load(split, index, labels);
        return _leavesTraining && split is (Split.Train or Split.TrainWeights or Split.TrainPolicy) ? sample : sample with { Input = Resize(sample.Image, _height, _width) };
    }
}
