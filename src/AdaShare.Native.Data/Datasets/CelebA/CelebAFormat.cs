namespace AdaShare.Native.Data.Datasets.CelebA;

/// <summary>CelebA: faces with 40 attributes, each a task.</summary>
public sealed class CelebAFormat : IDatasetFormat
{
    internal const string FormatName = "CelebA";

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    public string Summary => "CelebA's faces in img_align_celeba with its two lists: 40 attributes, each a task of yes and no";

    /// <inheritdoc/>
    public IReadOnlyList<DatasetTask> Tasks { get; } = [.. CelebAAttributes.Names.Select(static name => new DatasetTask(name, "attributes", 1))];

    /// <inheritdoc/>
    public bool Recognizes(string root) => CelebAFolder.IsIn(root);

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new CelebADataset(request);
    }
}
