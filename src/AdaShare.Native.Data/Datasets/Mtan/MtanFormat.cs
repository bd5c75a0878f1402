using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>MTAN's folders as a kind of data set.</summary>
/// <param name="layout">Which of them.</param>
public sealed class MtanFormat(MtanLayout layout) : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => layout == MtanLayout.NyuV2 ? "NYU_v2_MTAN" : "CityScapes_MTAN";

    /// <inheritdoc/>
    public string Summary => layout == MtanLayout.NyuV2
        ? "indoor images with 13 classes, normals, depth in the .npy folders of MTAN and LibMTL"
        : "street scenes with 2, 7 or 19 classes and inverse depth in the .npy folders of MTAN and LibMTL";

    /// <inheritdoc/>
    public string DepthUnit => layout == MtanLayout.Cityscapes ? "" : "m";

    /// <inheritdoc/>
    public bool Recognizes(string root)
    {
        bool Has(string folder) => Directory.Exists(Path.Combine(root, folder));
        return Has("train/image") && Has("val/image") && Has("train/normal") == (layout == MtanLayout.NyuV2);
    }

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new MtanDataset(request.Root, layout, new MtanOptions().Of(request));
    }
}
