using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.Taskonomy;

/// <summary>Tiny-Taskonomy as a kind of data set.</summary>
public sealed class TaskonomyFormat : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => "Taskonomy";

    /// <inheritdoc/>
    public string Summary => "indoor images with 17 weighted classes, normals, log depth, keypoints, edges in the layout of the official AdaShare code";

    /// <inheritdoc/>
    public string DepthUnit => "";

    /// <inheritdoc/>
    public bool OfficialDecodesNormals => true;

    /// <inheritdoc/>
    public bool Recognizes(string root) => File.Exists(Path.Combine(root, TaskonomyDataset.ListFile));

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new TaskonomyDataset(request.Root, new TaskonomyOptions().Of(request));
    }
}
