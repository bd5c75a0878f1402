using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>A data set in a folder that has a file for each image and each of its labels, all of one height and width.</summary>
/// <remarks>The folder is looked over whole when it is opened: every file must be there, with something in it, and no image may be in two examples. Images and labels are opened when they are loaded.</remarks>
public abstract class DenseDataset : IDataset
{
    private readonly PartTable<DenseExample> _parts;
    private readonly int _classes;
    private readonly IReadOnlyList<string> _classNames;

    private protected DenseDataset(string root, string name, DenseIndex index)
    {
        (Root, Name, Labels, Notices) = (root, name, index.Labels, index.Notices);
        (_classes, _classNames) = (index.Classes, index.ClassNames);
        _parts = new(index.Parts, static example => example.Id);
        _parts.RequireFiles(static example => example.Image, static example => example.Files.Values.Where(file => file != example.Image));
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <inheritdoc/>
    public int ClassesOf(Label label) => label == Label.Segmentation ? _classes : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => label == Label.Segmentation ? _classNames : [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<float> ClassWeightsOf(Label label) => [];

    /// <inheritdoc/>
    public virtual bool CountsVoidAsWrong => false;

    /// <inheritdoc/>
    public abstract string Reading { get; }

    /// <inheritdoc/>
    public int Count(Split split) => _parts[split].Length;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public string Id(Split split, int index) => _parts[split, index].Id;

    /// <summary>Those of all files that the image and <see cref="Labels"/> are read from.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DataException">A file is missing or can't be read; the message names it.</exception>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        DenseExample example = _parts[split, index];
        return example.Files.ToDictionary(static file => file.Key, file => PartTable<DenseExample>.Fingerprint(example.Id, file.Value));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        DenseExample example = _parts[split, index];
        if (labels.Any(label => !Labels.Contains(label)))
        {
            throw new DataException($"{Name}: there is no label '{labels.First(label => !Labels.Contains(label))}' in {Root}; ask for some of {string.Join(", ", Labels)}");
        }

        BgrImage image = ReadImage(example);
        return new(example.Id, image, labels.ToDictionary(static label => label, label => ReadLabel(example, label, image)));
    }

    /// <summary>Reads the picture of an example.</summary>
    private protected abstract BgrImage ReadImage(DenseExample example);

    /// <summary>Reads a label of an example, of the picture's size.</summary>
    private protected abstract Plane ReadLabel(DenseExample example, Label label, BgrImage image);

    /// <summary>An example for messages and checks: the first of the training set.</summary>
    private protected DenseExample First() => _parts[Split.Train, 0];
}
