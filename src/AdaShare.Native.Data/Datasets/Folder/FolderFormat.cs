using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>One's own folder: <c>dataset.yaml</c> in it says what images and labels there are.</summary>
public sealed class FolderFormat : IDatasetFormat
{
    /// <inheritdoc/>
    public string Name => "Folder";

    /// <inheritdoc/>
    public string Summary => $"your own folder, with {FolderDescription.FileName} in it that says which labels each task has";

    /// <inheritdoc/>
    public bool Recognizes(string root) => File.Exists(Path.Combine(root, FolderDescription.FileName));

    /// <inheritdoc/>
    public IReadOnlyList<DatasetTask> TasksOf(string root)
    {
        FolderDescription description = FolderDescriptionReader.Read(root);
        return [.. FolderIndex.LabelsOf(root, description).Select(static label => new DatasetTask(label.Task.Name, FolderDescriptionReader.KindName(label.Task.Kind), label.Classes, label.Task.Weight))];
    }

    /// <summary>The tasks of each pattern of images.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ImageGroupsOf(string root)
    {
        FolderDescription description = FolderDescriptionReader.Read(root);
        IReadOnlyList<string>[] groups = [.. description.Tasks.GroupBy(task => task.Images ?? description.Images, static task => task.Name).Select(static group => group.ToArray())];
        return groups.Length > 1 ? groups : [];
    }

    /// <inheritdoc/>
    public ImageInput? InputOf(string root) => FolderDescriptionReader.Read(root).Input;

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return FolderIndex.Open(request, FolderDescriptionReader.Read(request.Root));
    }
}
