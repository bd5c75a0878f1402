using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Cityscapes;

/// <summary>CityScapes as the official AdaShare code stores it: a list of .npy files, two tasks.</summary>
/// <remarks>
/// <para><c>cityscape.json</c>: {mode: [[image, depth, label2, label7, label19], …]}, paths relative to the folder. Modes: test; train1 and train2, or train (divided 4 to 1 by the seed);
/// val, or else a seeded part of the training examples is held out, so that selection never touches the test set. Arrays are those of <see cref="Mtan.MtanDataset"/>: image
/// (rows, columns, 3) R, G, B in [0, 1]; depth (rows, columns, 1) inverse depth in [0, 1), 0 not known; classes (rows, columns), -1 ignored. One of the three sets of classes is read: 19 unless
/// the options say 7 or 2.</para>
/// <para>Source: github.com/sunxm2357/AdaShare, dataloaders/cityscapes_dataloader.py.</para>
/// </remarks>
public sealed class CityscapesDataset : DenseDataset
{
    /// <summary>The list's file name.</summary>
    public const string ListFile = "cityscape.json";

    /// <summary>What depth is in MTAN's archives, of which this is one.</summary>
    internal const string DepthUnit = "inverse depth, the disparity's code / 65535";

    private const string DataName = "CityScapes";
    private static readonly string[] Modes = ["train", "train1", "train2", "val", "test"];
    private static readonly string[] Columns = ["image", "depth", "label2", "label7", "label19"];
    private static readonly Label[] Offered = [Label.Segmentation, Label.Depth];
    private readonly CityscapesOptions _options;

    /// <summary>Reads the list and checks that all its files are there; of the first image the size is looked at.</summary>
    /// <param name="root">The folder with <see cref="ListFile"/>.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="DataException">The folder, the list or a file is missing or damaged, or the first image has another size; the message names it.</exception>
    public CityscapesDataset(string root, CityscapesOptions? options = null)
        : base(root, DataName, Open(root, options ?? new()))
    {
        _options = options ?? new();
        _ = ReadImage(First());
    }

    /// <summary>The official code marks them by -1, and compares labels with the number of classes alone.</summary>
    public override bool CountsVoidAsWrong => true;

    /// <inheritdoc/>
    public override string Reading => "";

    /// <inheritdoc/>
    private protected override BgrImage ReadImage(DenseExample example)
    {
        (int height, int width) = _options.SmallResolution ? (128, 256) : (256, 512);
        BgrImage image = NumpyPlanes.Image(example.Image);
        return image.Height == height && image.Width == width
            ? image
            : throw new DataException(
                $"{example.Image}: image of {image.Height}x{image.Width}; expected {height}x{width}, since small_res is {_options.SmallResolution}; give small_res {!_options.SmallResolution} for images of {(_options.SmallResolution ? "256x512" : "128x256")}");
    }

    /// <inheritdoc/>
    private protected override Plane ReadLabel(DenseExample example, Label label, BgrImage image) => label == Label.Segmentation
        ? NumpyPlanes.Classes(example[label], image, ClassesOf(label))
        : NumpyPlanes.Depth(example[label], image, largest: 1, DepthUnit);

    private static DenseIndex Open(string root, CityscapesOptions options)
    {
        options.Check(DataName, Offered);
        int classes = options.Classes ?? 19;
        int column = Array.IndexOf(Columns, $"label{classes}");
        if (column < 0)
        {
            throw new ConfigurationException($"{DataName}: classes is {classes}; the list has labels of 2, 7 and 19 classes: give one of these");
        }

        string path = Path.Combine(root, ListFile);
        if (!RegularFile.IsTaken(path))
        {
            throw new DataException($"{path}: there is no such file; give the folder of CityScapes that has the list in it, as the official AdaShare code wants it");
        }

        IReadOnlyList<Label> labels = options.Labels ?? Offered;
        var wanted = labels.ToDictionary(static label => label.Name, label => label == Label.Segmentation ? column : Array.IndexOf(Columns, "depth"));
        wanted[DenseExample.ImageFile] = 0;
        DenseList list = DenseList.Read(root, path, Modes, Columns, wanted);
        List<string> notices = [];
        FolderListing.AddNotice(notices, ListFile, list.Unknown, "mode", $"passed over, as none of {string.Join(", ", Modes)}");
        ExampleParts<string> parts = ExampleSplits.OfModes(list.Modes, path, options.ValidationFraction, options.Seed, "cityscapes");
        bool segmented = labels.Contains(Label.Segmentation);
        var index = new DenseIndex(parts.Select(image => list.Examples[image]), labels, segmented ? classes : 0, segmented ? CityscapesClasses.Names(classes) : [], notices);
        return index.WithDepthIn(DepthUnit);
    }
}
