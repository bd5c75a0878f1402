using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Taskonomy;

/// <summary>Tiny-Taskonomy with five tasks as the official AdaShare code stores it.</summary>
/// <remarks>
/// <para><c>taskonomy.json</c>: {mode: [[rgb, segmentsemantic, normal, depth_zbuffer, keypoints2d, edge_texture], …]}, paths of PNG files relative to the folder, and <c>semseg_prior_factor.npy</c>: the weights of the
/// 17 classes. Modes: test; train1 and train2, or train (divided 4 to 1 by the seed); test_small, on which the official code selects, is the validation part where it shares no image with
/// test, or else a seeded part of the training examples is held out.</para>
/// <list type="bullet">
/// <item>Pictures and labels are brought to 256x256 by their nearest pixels.</item>
/// <item>Classes: a code of 1 … 17 less 1; 0, where the network that made the labels was not sure, is ignored. (The official code computes a mask for it and trains on class 0 all the same.)</item>
/// <item>Depth: ln(1 + p) / ln 65536 of 16-bit codes (1/512 m), codes of 64,500 and more are not known; neither is 0, which a depth can't be.</item>
/// <item>Normals: v / 127.5 - 1, R, G, B = x, y, z, which become (z, y, x); ignored where depth is not known and where the vector is shorter than 0.5. (The official code
/// hands its mask on under another name than the loss looks for, so there all pixels count.)</item>
/// <item>Keypoints, edges: p / 65536 cut off at 0.005 and 0.08, brought to [-1, 1].</item>
/// </list>
/// <para>An image that can't be read is an error; the official code puts the first image of the list in its place.</para>
/// <para>Source: github.com/sunxm2357/AdaShare, dataloaders/taskonomy_dataloader.py.</para>
/// </remarks>
public sealed class TaskonomyDataset : DenseDataset
{
    /// <summary>The list's file name.</summary>
    public const string ListFile = "taskonomy.json";

    /// <summary>The file of the weights of classes.</summary>
    public const string WeightsFile = "semseg_prior_factor.npy";

    /// <summary>The number of classes.</summary>
    public const int ClassCount = 17;

    private const string DataName = "Taskonomy";
    private const string Selection = "test_small";
    private const float LargestKeypoint = 0.005f, LargestEdge = 0.08f;
    private static readonly string[] Modes = ["train", "train1", "train2", Selection, "test"];
    private static readonly string[] Columns = ["rgb", "segmentsemantic", "normal", "depth_zbuffer", "keypoints2d", "edge_texture"];
    private static readonly Label[] Offered = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    private readonly TaskonomyOptions _options;
    private readonly TaskonomyPlanes _planes;

    /// <summary>Reads the list and the weights of classes, and checks that all files are there; no picture is opened.</summary>
    /// <param name="root">The folder with <see cref="ListFile"/>.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="DataException">The folder, a list or a file is missing or damaged; the message names it.</exception>
    public TaskonomyDataset(string root, TaskonomyOptions? options = null)
        : base(root, DataName, Open(root, options ?? new()))
    {
        _options = options ?? new();
        _planes = new(_options.Size);
        ClassWeights = Labels.Contains(Label.Segmentation) ? Weights(Path.Combine(root, WeightsFile)) : [];
    }

    /// <summary>The weight of each class in the loss, from <see cref="WeightsFile"/>; empty where no classes are read.</summary>
    public IReadOnlyList<float> ClassWeights { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<float> ClassWeightsOf(Label label) => label == Label.Segmentation ? ClassWeights : [];

    /// <inheritdoc/>
    public override string Reading => $"{_options.Reading}, {_options.Size}x{_options.Size}";

    /// <inheritdoc/>
    private protected override BgrImage ReadImage(DenseExample example) => _planes.Image(example.Image);

    /// <inheritdoc/>
    private protected override Plane ReadLabel(DenseExample example, Label label, BgrImage image) => label == Label.Segmentation ? _planes.Classes(example[label], ClassCount)
        : label == Label.SurfaceNormals ? _planes.Normals(example[label], example[Label.Depth], _options.DecodeNormals)
        : label == Label.Depth ? _planes.Depth(example[label])
        : _planes.Strength(example[label], label == Label.Keypoints ? LargestKeypoint : LargestEdge);

    private static DenseIndex Open(string root, TaskonomyOptions options)
    {
        options.Check(DataName, Offered);
        options.CheckSize(DataName);
        string path = Path.Combine(root, ListFile);
        if (!RegularFile.IsTaken(path))
        {
            throw new DataException($"{path}: there is no such file; give the folder of Taskonomy that has the list in it, as the official AdaShare code wants it");
        }

        IReadOnlyList<Label> labels = options.Labels ?? Offered;
        var wanted = new Dictionary<string, int> { [DenseExample.ImageFile] = 0 };
        foreach (Label label in labels.Contains(Label.SurfaceNormals) ? labels.Append(Label.Depth) : labels)
        {
            wanted[label.Name] = Array.IndexOf(Offered, label) + 1;
        }

        DenseList list = DenseList.Read(root, path, Modes, Columns, wanted);
        List<string> notices = [];
        FolderListing.AddNotice(notices, ListFile, list.Unknown, "mode", $"passed over, as none of {string.Join(", ", Modes)}");
        ExampleParts<string> parts = ExampleSplits.OfModes(WithValidation(list.Modes, notices), path, options.ValidationFraction, options.Seed, "taskonomy");
        var index = new DenseIndex(parts.Select(image => list.Examples[image]), labels, labels.Contains(Label.Segmentation) ? ClassCount : 0, [], notices);
        return index.WithDepthIn("a logarithm, ln(1 + p) / ln 65536 of its code p (1/512 m)");
    }

    /// <summary>The modes with test_small as validation, unless it is a part of test: selection must not see the images of the last table.</summary>
    private static Dictionary<string, IReadOnlyList<string>> WithValidation(IReadOnlyDictionary<string, IReadOnlyList<string>> modes, List<string> notices)
    {
        var all = modes.Where(static mode => mode.Key != Selection).ToDictionary();
        if (modes.TryGetValue(Selection, out IReadOnlyList<string>? small))
        {
            if (small.Intersect(modes.GetValueOrDefault("test", [])).Any())
            {
                notices.Add($"{ListFile}: mode {Selection} is passed over, since it shares images with test; validation is held out of the training examples instead");
            }
            else
            {
                all["val"] = small;
            }
        }

        return all;
    }

    private static float[] Weights(string path)
    {
        NumpyArray array = NumpyArray.Read(path, shape =>
        {
            if (shape is not [ClassCount])
            {
                throw new DataException($"{path}: array of shape ({string.Join(", ", shape)}); expected ({ClassCount}), a weight for each class; restore the file");
            }
        });
        int wrong = Array.FindIndex(array.Values, static weight => !(weight >= 0) || !float.IsFinite(weight));
        return wrong < 0 ? array.Values : throw new DataException($"{path}: the weight of class {wrong} is {array.Values[wrong]}; expected 0 or more; restore the file");
    }
}
