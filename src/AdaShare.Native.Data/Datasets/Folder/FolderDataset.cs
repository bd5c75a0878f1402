using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Images in files, each with labels in files or known already, for tasks that are labelled on the same images.</summary>
internal sealed class FolderDataset : IDataset
{
    private readonly PartTable<FolderExample> _examples;
    private readonly Dictionary<Label, FolderLabel> _labels;
    private readonly ImageReader _images;
    private readonly bool _decodeNormals;

    /// <summary>Checks that every file is there.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="parts">The examples of each part.</param>
    /// <param name="request">How labels and images are read.</param>
    /// <param name="notices">What was found and is passed over.</param>
    /// <exception cref="DataException">A file is missing or empty, or an image is in two examples.</exception>
    public FolderDataset(string name, IReadOnlyList<FolderLabel> labels, ExampleParts<FolderExample> parts, DatasetRequest request, IReadOnlyList<string> notices)
    {
        (Name, Notices, _images, _decodeNormals) = (name, notices, request.Images, request.DecodeNormals);
        _labels = labels.ToDictionary(static label => label.Label);
        Labels = [.. labels.Select(static label => label.Label)];
        _examples = new PartTable<FolderExample>(parts, static example => example.Id);
        _examples.RequireFiles(static example => example.Image, static example => example.Labels.Values.Select(static source => source.File).OfType<string>());
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <inheritdoc/>
    public int ClassesOf(Label label) => label.IsOfClasses && _labels.TryGetValue(label, out FolderLabel? own) ? own.Classes : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => _labels.TryGetValue(label, out FolderLabel? own) ? own.Names : [];

    /// <inheritdoc/>
    public IReadOnlyList<float> ClassWeightsOf(Label label) => _labels.TryGetValue(label, out FolderLabel? own) ? own.Task.ClassWeights : [];

    /// <summary>What the description says of the values of labels, and the form of normals.</summary>
    public string Reading => string.Join("; ", _labels.Values.Select(static label => label.Reading).Prepend(_decodeNormals ? "normals decoded" : "normals as stored"));

    /// <inheritdoc/>
    public int Count(Split split) => _examples[split].Length;

    /// <summary>The path of the image in the folder, without its ending.</summary>
    public string Id(Split split, int index) => _examples[split, index].Id;

    /// <summary>Those of the image and of the label files that the example has; labels that are known already stand as what they are.</summary>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        FolderExample example = _examples[split, index];
        var prints = new Dictionary<string, string> { [IDataset.ImageFingerprint] = PartTable<FolderExample>.Fingerprint(example.Id, example.Image) };
        foreach (FolderLabel label in _labels.Values)
        {
            prints[label.Label.Name] = !example.Labels.TryGetValue(label.Task.Name, out LabelSource source) ? "-"
                : source.File is { } file ? PartTable<FolderExample>.Fingerprint(example.Id, file)
                : string.Join(' ', source.Values.Select(static v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
        }

        return prints;
    }

    /// <inheritdoc/>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        FolderExample example = _examples[split, index];
        BgrImage image = PackedPicture.Read(_images, example.Image);
        var planes = new Dictionary<Label, Plane>(labels.Count);
        foreach (Label label in labels)
        {
            if (!_labels.TryGetValue(label, out FolderLabel? own))
            {
                throw new DataException($"{Name}: there is no label '{label}'; ask for some of {string.Join(", ", Labels)}");
            }

            if (example.Labels.TryGetValue(own.Task.Name, out LabelSource source))
            {
                planes[label] = source.File is { } file ? FolderPlanes.Read(own, file, image, _decodeNormals) : new Plane(1, 1, source.Values.Length, [.. source.Values]);
            }
        }

        return new(example.Id, image, planes);
    }
}
