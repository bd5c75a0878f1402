using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>The texts of one task, in the form of Zhang, Zhao and LeCun (2015).</summary>
/// <remarks>Texts stay in their files: of each row its place (8 bytes) and its place in the order of its part (up to 8 bytes) are in memory, and both files are read through once when the data set is opened.</remarks>
internal sealed class TextDataset : IDataset
{
    private const int ShownDigits = 16;

    private readonly string _task;
    private readonly Label _label;
    private readonly IReadOnlyList<string> _classes;
    private readonly TextFile _train;
    private readonly TextFile _test;
    private readonly TextParts _parts;
    private readonly int _length;

    /// <summary>Opens both files.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="folder">Where they lie.</param>
    /// <param name="request">What is wanted.</param>
    /// <exception cref="DataException">A file is missing or damaged; the message names file and row.</exception>
    public TextDataset(string name, TextFolder folder, DatasetRequest request)
    {
        (Name, _task, _label, _length) = (name, folder.Task, LabelOf(folder), request.TextLength);
        _classes = folder.ReadClasses();
        (string train, string test) = (folder.File(TextFolder.TrainName), folder.File(TextFolder.TestName));
        _train = TextFile.Open(train, _classes.Count);
        _test = TextFile.Open(test, _classes.Count);
        _parts = new TextParts(folder, _train.Count, _test.Count, request.ValidationFraction);
        Notices = [.. folder.Notices()];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public InputKind Inputs => InputKind.Text;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels => [_label];

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>The label of a folder's task.</summary>
    public static Label LabelOf(TextFolder folder) => folder.Task == TextFormat.Kind ? Label.Of(LabelKind.Class) : Label.Of(LabelKind.Class, folder.Task);

    /// <inheritdoc/>
    public int ClassesOf(Label label) => label == _label ? _classes.Count : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => label == _label ? _classes : [];

    /// <inheritdoc/>
    public int Count(Split split) => _parts.Count(split);

    /// <summary>Task, file and row, counted from 1: <c>ag_news/train/17</c>.</summary>
    public string Id(Split split, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{_task}/{Path.GetFileNameWithoutExtension(FileOf(split).Path)}/{_parts.Row(split, index) + 1}");

    /// <summary>How many rows of which file, a sign of which, and a sign of all that the file holds.</summary>
    public PartIdentity IdentityOf(Split split)
    {
        TextFile file = FileOf(split);
        string rows = split == Split.Test ? "all" : Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(_parts.Rows(split))))[..ShownDigits];
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{_parts.Count(split)} of {file.Count} rows of {_task}/{Path.GetFileName(file.Path)} ({rows})"),
            new Dictionary<string, string> { [IDataset.WholeFileFingerprint] = file.Digest });
    }

    /// <inheritdoc/>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (Label label in labels)
        {
            if (label != _label)
            {
                throw new DataException($"{Name}: there is no label '{label}'; ask for {_label}");
            }
        }

        (int c, CharacterText text) = FileOf(split).Read(_parts.Row(split, index), _length);
        return new(Id(split, index), text, labels.ToDictionary(static label => label, _ => new Plane(1, 1, 1, [c])));
    }

    private TextFile FileOf(Split split) => split == Split.Test ? _test : _train;
}
