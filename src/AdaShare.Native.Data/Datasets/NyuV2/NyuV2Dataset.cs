using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>NYU v2 as the official AdaShare code stores it, and any other data set in the same folders.</summary>
/// <remarks>
/// <para>The folder is read in one of three ways, the first that fits:</para>
/// <list type="number">
/// <item><c>nyu_v2_3task.json</c>: {mode: [[image, segmentation, normals, depth], …]}, paths relative to the folder. Modes: test; train1 and
/// train2, or train (divided 4 to 1 by the seed); val, or else a seeded part of the training examples is held out of train, train1 and train2
/// alike, so that selection never touches the test set. <see cref="Split.Train"/> is the union of train, train1 and train2.</item>
/// <item><c>scenes.json</c>, as <see cref="Scenes.SceneWriter"/> writes it: the classes and the ids of train1, train2, val and test.</item>
/// <item>Bare folders: <c>img/</c> and beside it some of <c>seg/</c>, <c>normal_mask/</c> (PNG), <c>depth/</c>, <c>keypoint/</c>, <c>edge/</c>
/// (.npy), matched by file name; divided by the seed into test (15 %), validation (<see cref="NyuV2Options.ValidationFraction"/>), and 4 to 1
/// into weights and policy, at least one each.</item>
/// </list>
/// <para>Every part is in the order of its ids, whatever the order of the files. Files are matched with their endings in any letters; hidden files, and others that belong to
/// no example, are passed over and named in <see cref="Notices"/>.</para>
/// <para>Normals are stored as R, G, B = (x, y, z), v = (n + 1) * 127.5, and read as B, G, R = (z, y, x). On the NYU v2 samples x points to
/// the right, y away from the camera and z up; found by comparing the files with normals computed from depth and the Kinect's intrinsics
/// (R correlates with the computed right, -G with towards the viewer, B with up, in all four), and with the classes: floors have B near
/// 0.9, ceilings near -0.8, walls have G near -0.75. A mirrored image therefore negates R, channel 2 of the plane. Procedural scenes use
/// other axes for y and z (see <see cref="Scenes.ProceduralScenes"/>), the same x. A pixel with any channel at 255 is ignored: decoded, all
/// three of its channels are 255. So is one whose stored vector is no unit vector and hence no direction, in both readings: shorter than 0.5, as the grey border of NYU v2
/// (127 or 128 in every channel, 1 % of each picture), or longer than 1.5, as black; rounding alone keeps the length within 0.98 … 1.02.</para>
/// <para>Layout and conventions: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py.</para>
/// </remarks>
public sealed class NyuV2Dataset : IDataset
{
    private const int NyuClasses = 40;

    /// <summary>The 40 classes of Gupta, Arbelaez, Malik: "Perceptual organization and recognition of indoor scenes" (CVPR 2013).</summary>
    internal static readonly string[] NyuClassNames =
    [
        "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window", "bookshelf",
        "picture", "counter", "blinds", "desk", "shelves", "curtain", "dresser", "pillow", "mirror", "floor mat",
        "clothes", "ceiling", "books", "refrigerator", "television", "paper", "towel", "shower curtain", "box", "whiteboard",
        "person", "night stand", "toilet", "sink", "lamp", "bathtub", "bag", "other structure", "other furniture", "other prop",
    ];

    private readonly NyuV2Options _options;
    private readonly PartTable<NyuV2Example> _examples;
    private readonly int _classes;
    private readonly IReadOnlyList<string> _classNames;

    /// <summary>
    /// Reads the lists of examples, and checks that every path leads to a file with something in it and that no image is there twice, whatever names it goes by;
    /// no image or label is opened.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range, or does not fit the folder's classes.</exception>
    /// <exception cref="DataException">
    /// The folder or a file is missing, a link leads nowhere, a list is damaged or leads out of the folder, an image is in two parts, or there are too few examples; the message
    /// names it.
    /// </exception>
    public NyuV2Dataset(string root, NyuV2Options? options = null)
    {
        _options = options ?? new();
        _options.Check();
        Root = root;
        NyuV2Index index = NyuV2Index.Open(root, _options);
        Labels = _options.Labels ?? index.Labels;
        if (Labels.Any(label => !index.Labels.Contains(label)))
        {
            throw new DataException($"{root}: labels {string.Join(", ", Labels.Except(index.Labels))} are wanted; this folder has {string.Join(", ", index.Labels)}; ask for these");
        }

        (_classes, _classNames) = Labels.Contains(Label.Segmentation) ? FindClasses(root, index, _options) : (0, []);
        _examples = new PartTable<NyuV2Example>(index.Parts, static example => example.Id);
        Notices = index.Notices;
        _examples.RequireFiles(static example => example.Image, example => Labels.Select(label => example.Labels[label]));
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public string Name => "NYU v2";

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <inheritdoc/>
    public string Reading => _options.DecodeNormals ? "normals decoded" : "normals as stored";

    /// <inheritdoc/>
    public int ClassesOf(Label label) => label == Label.Segmentation ? _classes : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => label == Label.Segmentation ? _classNames : [];

    /// <inheritdoc/>
    public int Count(Split split) => _examples[split].Length;

    /// <summary>The stem of the image's file name; its relative path where the list has two images of one stem.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public string Id(Split split, int index) => _examples[split, index].Id;

    /// <summary>Those of the image and of the labels in <see cref="Labels"/>, see <see cref="FileFingerprint"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DataException">A file is missing or can't be read; the message names it.</exception>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        NyuV2Example example = _examples[split, index];
        var prints = new Dictionary<string, string>(Labels.Count + 1) { [IDataset.ImageFingerprint] = PartTable<NyuV2Example>.Fingerprint(example.Id, example.Image) };
        foreach (Label label in Labels)
        {
            prints[label.Name] = PartTable<NyuV2Example>.Fingerprint(example.Id, example.Labels[label]);
        }

        return prints;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        NyuV2Example example = _examples[split, index];
        BgrImage image = NyuV2Planes.Image(example.Image);
        var planes = new Dictionary<Label, Plane>(labels.Count);
        foreach (Label label in labels)
        {
            if (!Labels.Contains(label))
            {
                throw new DataException($"{Name}: there is no label '{label}' in {Root}; ask for some of {string.Join(", ", Labels)}");
            }

            planes[label] = NyuV2Planes.Label(label.Kind, example.Labels[label], image, _classes, _options.DecodeNormals);
        }

        return new(example.Id, image, planes);
    }

    private static (int Count, IReadOnlyList<string> Names) FindClasses(string root, NyuV2Index index, NyuV2Options options)
    {
        if (index.ClassNames.Count > 0)
        {
            return options.Classes is null || options.Classes == index.ClassNames.Count
                ? (index.ClassNames.Count, index.ClassNames)
                : throw new ConfigurationException(
                    $"NYU v2: classes is {options.Classes}, but {Path.Combine(root, NyuV2Index.ScenesFile)} names {index.ClassNames.Count}; leave classes out, or give that number");
        }

        int count = options.Classes ?? NyuClasses;
        return (count, count == NyuClasses ? NyuClassNames : []);
    }
}
