using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

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
    private readonly Dictionary<Split, NyuV2Example[]> _examples;

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
        if (Labels.Any(kind => !index.Labels.Contains(kind)))
        {
            throw new DataException($"{root}: labels {string.Join(", ", Labels.Except(index.Labels))} are wanted; this folder has {string.Join(", ", index.Labels)}; ask for these");
        }

        (Classes, ClassNames) = Labels.Contains(LabelKind.Segmentation) ? ClassesOf(root, index, _options) : (0, []);
        _examples = Order(index.Parts);
        Notices = index.Notices;
        RequireFiles();
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public string Name => "NYU v2";

    /// <inheritdoc/>
    public IReadOnlyList<LabelKind> Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public int Count(Split split) => Part(split).Length;

    /// <summary>The stem of the image's file name; its relative path where the list has two images of one stem.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public string Id(Split split, int index) => Example(split, index).Id;

    /// <summary>Those of the image and of the labels in <see cref="Labels"/>, see <see cref="FileFingerprint"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DataException">A file is missing or can't be read; the message names it.</exception>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        NyuV2Example example = Example(split, index);
        var prints = new Dictionary<string, string>(Labels.Count + 1) { ["image"] = Fingerprint(example, example.Image) };
        foreach (LabelKind kind in Labels)
        {
            prints[kind.ToString()] = Fingerprint(example, example.Labels[kind]);
        }

        return prints;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<LabelKind> labels)
    {
        NyuV2Example example = Example(split, index);
        BgrImage image = NyuV2Planes.Image(example.Image);
        var planes = new Dictionary<LabelKind, Plane>(labels.Count);
        foreach (LabelKind kind in labels)
        {
            if (!Labels.Contains(kind))
            {
                throw new DataException($"{Name}: there is no label '{kind}' in {Root}; ask for some of {string.Join(", ", Labels)}");
            }

            planes[kind] = NyuV2Planes.Label(kind, example.Labels[kind], image, Classes, _options.DecodeNormals);
        }

        return new(example.Id, image, planes);
    }

    private static (int Count, IReadOnlyList<string> Names) ClassesOf(string root, NyuV2Index index, NyuV2Options options)
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

    private static Dictionary<Split, NyuV2Example[]> Order(NyuV2Parts<NyuV2Example> parts)
    {
        static NyuV2Example[] ById(IEnumerable<NyuV2Example> examples) => [.. examples.OrderBy(example => example.Id, StringComparer.Ordinal)];
        return new()
        {
            [Split.Train] = ById([.. parts.Weights, .. parts.Policy, .. parts.TrainOnly]),
            [Split.TrainWeights] = ById(parts.Weights),
            [Split.TrainPolicy] = ById(parts.Policy),
            [Split.Validation] = ById(parts.Validation),
            [Split.Test] = ById(parts.Test),
        };
    }

    /// <summary>Every file is there, and no image is in two examples under other names: a test image must not be trained on.</summary>
    private void RequireFiles()
    {
        var owners = new Dictionary<string, (NyuV2Example Example, Split Part)>();
        foreach (Split part in new[] { Split.Train, Split.Validation, Split.Test })
        {
            foreach (NyuV2Example example in Part(part))
            {
                string place = RequireFile(example, example.Image);
                if (!owners.TryAdd(place, (example, part)))
                {
                    (NyuV2Example other, Split otherPart) = owners[place];
                    throw new DataException(
                        $"{example.Image}: the image of example '{example.Id}' ({part}) is the same file as {other.Image} of example '{other.Id}' ({otherPart}); "
                        + "an image must be in one example alone: remove it from one");
                }

                foreach (LabelKind kind in Labels)
                {
                    _ = RequireFile(example, example.Labels[kind]);
                }
            }
        }
    }

    /// <returns>Where the file lies, the same for all its names.</returns>
    private static string RequireFile(NyuV2Example example, string path)
    {
        try
        {
            FileIdentity file = RegularFile.Identify(path);
            return file.Length > 0 ? file.Place : throw new DataException($"{path}: is empty, but example '{example.Id}' needs it; restore it, or remove the example");
        }
        catch (FileNotFoundException error)
        {
            string cause = new FileInfo(path).LinkTarget is { } target ? $"is a link to {target}, where there is no file" : "there is no such file";
            throw new DataException($"{path}: {cause}, but example '{example.Id}' needs it; restore it, or remove the example", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be used by example '{example.Id}' ({error.Message.TrimEnd('.')}); restore the file, or remove the example", error);
        }
    }

    private static string Fingerprint(NyuV2Example example, string path)
    {
        try
        {
            return FileFingerprint.Of(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be used by example '{example.Id}' ({error.Message.TrimEnd('.')}); restore the file, or remove the example", error);
        }
    }

    private NyuV2Example[] Part(Split split) =>
        _examples.TryGetValue(split, out NyuV2Example[]? part) ? part : throw new ArgumentOutOfRangeException(nameof(split), split, "not a part of a data set");

    private NyuV2Example Example(Split split, int index)
    {
        NyuV2Example[] part = Part(split);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, part.Length);
        return part[index];
    }
}
