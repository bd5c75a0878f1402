using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>Texts in the form of Zhang, Zhao and LeCun, <i>Character-level convolutional networks for text classification</i> (2015): a folder of CSV files a task, each task with texts of its own.</summary>
/// <remarks>
/// AG News, Sogou News, DBPedia, Yelp (polarity and full), Yahoo Answers and Amazon (polarity and full) are published so. <c>NAME_csv</c> holds <c>train.csv</c> and <c>test.csv</c>, without a line of names: the number of
/// the class from 1 on, then columns of text. <c>classes.txt</c> has the name of a class in each line. Columns are read one behind the other with a blank between them.
/// </remarks>
public sealed class TextFormat : IDatasetFormat
{
    /// <summary>The kind of all tasks.</summary>
    internal const string Kind = "class";

    /// <inheritdoc/>
    public string Name => "Text";

    /// <inheritdoc/>
    public string Summary => "texts in the form of Zhang et al.: a folder NAME_csv a task, each with train.csv, test.csv and classes.txt; for the backbones VDCNN…";

    /// <inheritdoc/>
    public InputKind Inputs => InputKind.Text;

    /// <summary>A task for each folder, in the order of their names.</summary>
    public IReadOnlyList<DatasetTask> TasksOf(string root) => [.. TextFolder.Require(root).Select(static folder => new DatasetTask(folder.Task, Kind, folder.ReadClasses().Count))];

    /// <summary>A group for each task: its texts are its own.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ImageGroupsOf(string root) => [.. TextFolder.In(root).Select(static folder => (IReadOnlyList<string>)[folder.Task])];

    /// <summary>Whether a folder of texts with its classes lies there.</summary>
    public bool Recognizes(string root) => TextFolder.In(root).Any(static folder => File.Exists(Path.Combine(folder.Path, TextFolder.ClassesName)));

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.TextLength < 1)
        {
            throw new ConfigurationException($"dataload.text_length is {request.TextLength}; expected 1 or more");
        }

        IReadOnlyList<TextFolder> folders = TextFolder.Require(request.Root);
        IReadOnlyList<Label> labels = OfferedLabels.Chosen(request, Name, folders.ToDictionary(static folder => folder.Task, TextDataset.LabelOf));
        DatasetPart[] parts = [.. folders.Where(folder => labels.Contains(TextDataset.LabelOf(folder)))
            .Select(folder => new DatasetPart(new TextDataset($"{Name} ({folder.Task})", folder, request), [folder.Task]))];
        return parts.Length == 1 ? parts[0].Dataset : new FolderGroups(Name, parts);
    }
}
