using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>CityScapes as it is downloaded as a kind of data set.</summary>
/// <param name="depth">What depth is.</param>
public sealed class CityscapesOriginalFormat(CityscapesDepth depth) : IDatasetFormat
{
    /// <summary>What makes 128x256 of the pictures' 1024x2048.</summary>
    private const int SmallReduction = 8;

    /// <inheritdoc/>
    public string Name => depth == CityscapesDepth.Inverse ? "CityScapes_original" : "CityScapes_original_metres";

    /// <inheritdoc/>
    public string Summary => $"street scenes with 19 or 7 classes and {(depth == CityscapesDepth.Inverse ? "inverse depth in 1/m" : "depth in metres")}, the PNG files as they are downloaded";

    /// <inheritdoc/>
    public bool KnowsSmallResolution => true;

    /// <inheritdoc/>
    public string DepthUnit => depth == CityscapesDepth.Inverse ? "1/m" : "m";

    /// <summary>Of the two kinds the one with inverse depth.</summary>
    public bool Recognizes(string root) => depth == CityscapesDepth.Inverse && Directory.Exists(Path.Combine(root, "leftImg8bit/train"));

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new CityscapesOriginalDataset(request.Root, new CityscapesOriginalOptions { Depth = depth, Reduction = request.SmallResolution ? SmallReduction : 1 }.Of(request));
    }
}
