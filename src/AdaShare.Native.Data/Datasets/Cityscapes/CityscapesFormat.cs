using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.Cityscapes;

/// <summary>CityScapes in the official AdaShare form as a kind of data set.</summary>
public sealed class CityscapesFormat : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => "CityScapes";

    /// <inheritdoc/>
    public string Summary => "street scenes with 19, 7 or 2 classes and inverse depth in the layout of the official AdaShare code";

    /// <inheritdoc/>
    public string DepthUnit => "";

    /// <inheritdoc/>
    public bool KnowsSmallResolution => true;

    /// <inheritdoc/>
    public bool Recognizes(string root) => File.Exists(Path.Combine(root, CityscapesDataset.ListFile));

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new CityscapesDataset(request.Root, new CityscapesOptions { SmallResolution = request.SmallResolution }.Of(request));
    }
}
