namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>NYU v2 as the official AdaShare code has it, and folders of the same layout.</summary>
public sealed class NyuV2Format : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => "NYU_v2";

    /// <inheritdoc/>
    public string Summary => "indoor images with classes, normals, depth (and heat, edges) in the layout of the official AdaShare code";

    /// <summary>The split that the folder does not state is the same for every seed of a run, so that seeds can be compared.</summary>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new NyuV2Dataset(request.Root, new NyuV2Options
        {
            Classes = request.ClassesOf(Label.Segmentation),
            Labels = request.Labels,
            DecodeNormals = request.DecodeNormals,
            ValidationFraction = request.ValidationFraction,
        });
    }
}
