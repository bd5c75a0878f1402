using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Data.Datasets.Mtan;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>NYU v2's labelled set as it is downloaded: <c>nyu_depth_v2_labeled.mat</c>, with <c>splits.mat</c> beside it.</summary>
/// <remarks>
/// <para>One HDF5 file of 1,449 images of 480x640 with 894 label names and depth; an image and its labels are read when they are asked for, so that memory is that of one image and of the chunks
/// that it lies in. <c>splits.mat</c>, a MATLAB 5 file, says by numbers from 1 in <c>trainNdxs</c> and <c>testNdxs</c> which 795 are to train on and which 654 to test on; validation is
/// held out of the former by the seed, and the rest divided 4 to 1 into weights and policy. Ids are the numbers, with four digits.</para>
/// <list type="bullet">
/// <item>Classes: 40, or 13, of the label names; see <see cref="NyuV2MatOptions.RawDepth"/> for depth. Label 0 is ignored.</item>
/// <item>Depth: metres. <c>depths</c> has its holes filled in, <c>rawDepths</c> has 0 there.</item>
/// <item>Surface normals are not in the file: they are computed from the depth, see the remarks in docs/datasets.md.</item>
/// </list>
/// <para>Source: cs.nyu.edu/~silberman/datasets/nyu_depth_v2.html. Silberman, Hoiem, Kohli, Fergus: "Indoor segmentation and support inference from RGBD images" (ECCV 2012).</para>
/// </remarks>
public sealed class NyuV2MatDataset : IDataset, IDisposable
{
    /// <summary>The file of images and labels.</summary>
    public const string LabeledName = "nyu_depth_v2_labeled.mat";

    /// <summary>The file of the parts.</summary>
    public const string SplitsName = "splits.mat";

    private const string DataName = "NYU v2 (.mat)";
    private const float DeepestRoom = 1000;
    private static readonly Label[] Offered = [Label.Segmentation, Label.SurfaceNormals, Label.Depth];

    private readonly NyuV2MatOptions _options;
    private readonly string _path;
    private readonly LabeledFile _file;
    private readonly PartTable<int> _parts;
    private readonly byte[] _classes;

    /// <summary>Opens the file, looks at the types and sizes of its arrays, and reads the parts.</summary>
    /// <param name="root">The folder with <see cref="LabeledName"/> and <see cref="SplitsName"/>.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="DataException">A file is missing or damaged, or a part names an image that is not there or is in two parts; the message names the file.</exception>
    public NyuV2MatDataset(string root, NyuV2MatOptions? options = null)
    {
        _options = options ?? new();
        _options.Check(DataName, Offered);
        _options.CheckMat(DataName);
        (Root, _path) = (root, Path.Combine(root, LabeledName));
        Labels = _options.Labels ?? Offered;
        bool segmented = Labels.Contains(Label.Segmentation), deep = Labels.Contains(Label.Depth) || Labels.Contains(Label.SurfaceNormals);
        _classes = NyuV2Classes.OfLabels(_options.Classes ?? 40);
        _file = new(_path, segmented ? "labels" : null, !deep ? null : _options.RawDepth ? "rawDepths" : "depths");
        try
        {
            ExampleParts<string> parts = ExampleSplits.OfModes(Modes(Path.Combine(root, SplitsName), _file.Count), Path.Combine(root, SplitsName), _options.ValidationFraction, _options.Seed, "nyu_v2_mat");
            _parts = new(parts.Select(static id => int.Parse(id, CultureInfo.InvariantCulture)), Name4);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public string Name => DataName;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public string Reading => $"{_options.Reading}, depth {(_options.RawDepth ? "as measured" : "filled in")}, normals of {_options.NormalRadius} pixels around";

    /// <inheritdoc/>
    public int ClassesOf(Label label) => label == Label.Segmentation && Labels.Contains(label) ? _options.Classes ?? 40 : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => ClassesOf(label) switch { 40 => NyuV2Dataset.NyuClassNames, 13 => MtanClasses.NyuV2, _ => [] };

    /// <inheritdoc/>
    public int Count(Split split) => _parts[split].Length;

    /// <summary>The number of the image in the file, from 1, with four digits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public string Id(Split split, int index) => Name4(_parts[split, index]);

    /// <summary>That of the one file, for the image and each label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DataException">The file is missing or can't be read; the message names it.</exception>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        string print = PartTable<int>.Fingerprint(Id(split, index), _path);
        return Labels.Select(static label => label.Name).Prepend(IDataset.ImageFingerprint).ToDictionary(static file => file, _ => print);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        int number = _parts[split, index];
        if (labels.Any(label => !Labels.Contains(label)))
        {
            throw new DataException($"{Name}: there is no label '{labels.First(label => !Labels.Contains(label))}' in {Root}; ask for some of {string.Join(", ", Labels)}");
        }

        BgrImage image = _file.Image(number - 1);
        var planes = new Dictionary<Label, Plane>(labels.Count);
        Plane? depth = labels.Any(static label => label != Label.Segmentation) ? DepthPlane(number) : null;
        foreach (Label label in labels)
        {
            planes[label] = label == Label.Segmentation ? ClassPlane(number)
                : label == Label.Depth ? depth!
                : DepthNormals.Of(depth!, _options.NormalRadius, _options.DecodeNormals);
        }

        return new(Name4(number), image, planes);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static string Name4(int number) => number.ToString("D4", CultureInfo.InvariantCulture);

    private Plane ClassPlane(int number)
    {
        ushort[] stored = _file.Labels(number - 1);
        int wrong = Array.FindIndex(stored, static label => label > NyuV2Classes.Names);
        return wrong < 0
            ? new(_file.Height, _file.Width, 1, Array.ConvertAll(stored, label => (float)_classes[label]))
            : throw new DataException($"{_path}: image {number}: label {stored[wrong]} at pixel {NumpyPlanes.At(wrong, _file.Width)}; expected 0 to {NyuV2Classes.Names}; download the file again");
    }

    private Plane DepthPlane(int number)
    {
        float[] stored = _file.Depths(number - 1);
        int wrong = Array.FindIndex(stored, static depth => !(depth is >= 0 and <= DeepestRoom));
        return wrong < 0
            ? new(_file.Height, _file.Width, 1, stored)
            : throw new DataException($"{_path}: image {number}: depth is {stored[wrong]} at pixel {NumpyPlanes.At(wrong, _file.Width)}; expected metres, 0 to {DeepestRoom}, 0 where it is not known");
    }

    /// <summary>The images of the two published parts.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Modes(string path, int count)
    {
        IReadOnlyDictionary<string, double[]> arrays = MatlabFile.Read(path);
        IReadOnlyList<string> Part(string array)
        {
            if (!arrays.TryGetValue(array, out double[]? numbers))
            {
                throw new DataException($"{path}: there is no array of numbers '{array}'; expected trainNdxs and testNdxs; download splits.mat of NYU v2 again");
            }

            int wrong = System.Array.FindIndex(numbers, number => !(number >= 1 && number <= count) || number != Math.Floor(number));
            return wrong < 0
                ? [.. numbers.Select(static number => Name4((int)number))]
                : throw new DataException($"{path}: {array} has {numbers[wrong]}; expected numbers of images from 1 to {count}; take the file that belongs to {LabeledName}");
        }

        return new() { ["train"] = Part("trainNdxs"), ["test"] = Part("testNdxs") };
    }
}
