using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>A data set whose images are brought to one size when they are read, for labels that speak of images as a whole: pictures of any size are then trained on and measured alike.</summary>
public sealed class ResizedDataset : IDataset
{
    private readonly IDataset _inner;
    private readonly int _height;
    private readonly int _width;

    /// <summary>Wraps a data set.</summary>
    /// <param name="inner">The data set.</param>
    /// <param name="height">Rows of every image.</param>
    /// <param name="width">Columns of every image.</param>
    /// <exception cref="ConfigurationException">A label speaks of pixels.</exception>
    public ResizedDataset(IDataset inner, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (inner.Labels.Where(static label => !label.IsOfImage).ToArray() is { Length: > 0 } ofPixels)
        {
            throw new ConfigurationException($"dataload.resize_h is {height}; expected 0 for {inner.Name}, whose labels {string.Join(", ", ofPixels)} speak of pixels; scale_min and scale_max vary those");
        }

        (_inner, _height, _width) = (inner, height, width);
        Parts = [.. inner.Parts.Select(part => part with { Dataset = new ResizedDataset(part.Dataset, height, width) })];
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
    public string Reading => $"{_height}x{_width}; {_inner.Reading}";

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
        return sample with { Input = Resize(sample.Image, _height, _width) };
    }
}
