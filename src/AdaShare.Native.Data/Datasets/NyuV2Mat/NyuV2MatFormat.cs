using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>NYU v2's original file as a kind of data set.</summary>
public sealed class NyuV2MatFormat : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => "NYU_v2_mat";

    /// <inheritdoc/>
    public string Summary => "indoor images with 40 or 13 classes, depth, and normals computed from it: nyu_depth_v2_labeled.mat with splits.mat as they are downloaded";

    /// <inheritdoc/>
    public bool Recognizes(string root) => File.Exists(Path.Combine(root, NyuV2MatDataset.LabeledName));

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new NyuV2MatDataset(request.Root, new NyuV2MatOptions().Of(request));
    }
}
