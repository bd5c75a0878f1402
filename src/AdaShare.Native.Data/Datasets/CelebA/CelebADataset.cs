using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CelebA;

/// <summary>CelebA (Liu et al., 2015): 202,599 faces of 178x218 pixels with 40 attributes, each a task of yes and no, in the published parts (162,770, 19,867, 19,962).</summary>
internal sealed class CelebADataset : IDataset
{
    private readonly PartTable<CelebAExample> _examples;
    private readonly Dictionary<Label, string[]> _names;
    private readonly ImageReader _images;

    /// <summary>Reads the lists and checks that every image is there.</summary>
    /// <exception cref="ConfigurationException">A task is wanted that is no attribute.</exception>
    /// <exception cref="DataException">A file is missing or damaged; the message names it.</exception>
    public CelebADataset(DatasetRequest request)
    {
        Labels = OfferedLabels.Chosen(request, Name, CelebAAttributes.Names.ToDictionary(static name => name, CelebAAttributes.LabelOf));
        _names = Labels.ToDictionary(static label => label, static label => new[] { label.Name });
        _images = request.Images;
        var notices = new List<string>();
        _examples = new(new CelebAFolder(request.Root).Read(notices), static example => example.Id);
        _examples.RequireFiles(static example => example.Image, static _ => []);
        Notices = notices;
    }

    /// <inheritdoc/>
    public string Name => CelebAFormat.FormatName;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <inheritdoc/>
    public int ClassesOf(Label label) => 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => _names.GetValueOrDefault(label, []);

    /// <inheritdoc/>
    public int Count(Split split) => _examples[split].Length;

    /// <summary>The name of the image's file without its ending.</summary>
    public string Id(Split split, int index) => _examples[split, index].Id;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        CelebAExample example = _examples[split, index];
        var prints = new Dictionary<string, string>(Labels.Count + 1) { [IDataset.ImageFingerprint] = PartTable<CelebAExample>.Fingerprint(example.Id, example.Image) };
        foreach (Label label in Labels)
        {
            prints[label.Name] = ValueOf(example, label) == 1 ? "1" : "0";
        }

        return prints;
    }

    /// <inheritdoc/>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        CelebAExample example = _examples[split, index];
        return new(example.Id, PackedPicture.Read(_images, example.Image), labels.ToDictionary(static label => label, label => _names.ContainsKey(label)
            ? new Plane(1, 1, 1, [ValueOf(example, label)])
            : throw new DataException($"{Name}: there is no label '{label}'; ask for some of {string.Join(", ", Labels)}")));
    }

    private static float ValueOf(CelebAExample example, Label label) => (example.Attributes >> CelebAAttributes.Numbers[label.Name]) & 1;
}
