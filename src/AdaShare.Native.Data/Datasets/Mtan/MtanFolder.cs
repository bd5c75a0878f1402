using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>Finds the examples of a folder in one of MTAN's layouts.</summary>
internal static class MtanFolder
{
    private const string ImageFolder = "image";
    private const string Extension = ".npy";
    private static readonly string[] Parts = ["train", "val"];
    private static readonly int[] CityscapesSets = [2, 7, 19];

    /// <summary>What each layout can have, and where, but for the folder of CityScapes' classes.</summary>
    public static IReadOnlyList<(Label Label, string Folder)> Offers(MtanLayout layout) => layout == MtanLayout.NyuV2
        ? [(Label.Segmentation, "label"), (Label.SurfaceNormals, "normal"), (Label.Depth, "depth")]
        : [(Label.Segmentation, "label"), (Label.Depth, "depth")];

    /// <exception cref="ConfigurationException">The folder does not have the classes that are asked for.</exception>
    /// <exception cref="DataException">The folder or a file is missing; the message names it.</exception>
    public static DenseIndex Open(string root, string name, MtanLayout layout, MtanOptions options)
    {
        foreach (string folder in Parts.Select(part => Path.Combine(root, part, ImageFolder)))
        {
            if (!Directory.Exists(folder))
            {
                throw new DataException($"{folder}: there is no such folder; give the folder of {name} that has train/{ImageFolder} and val/{ImageFolder} in it");
            }
        }

        (string segmentation, int classes) = Segmentation(root, name, layout, options);
        (Label Label, string Folder)[] offered =
        [
            .. Offers(layout).Select(offer => offer.Label == Label.Segmentation ? (offer.Label, segmentation) : offer)
                .Where(offer => options.Labels?.Contains(offer.Label) ?? Directory.Exists(Path.Combine(root, Parts[0], offer.Item2))),
        ];
        if (offered.Length == 0)
        {
            throw new DataException($"{root}: no labels; expected some of the folders {string.Join(", ", Offers(layout).Select(offer => offer.Folder))} beside train/{ImageFolder}");
        }

        List<string> notices = [];
        AddOthers(notices, root, "", Parts);
        Dictionary<string, DenseExample> examples = Parts.SelectMany(part => Examples(root, part, offered, notices)).ToDictionary(static example => example.Id);
        var modes = Parts.Zip(["train", "test"]).ToDictionary(static pair => pair.Second, pair => Ids(examples, pair.First));
        if (modes["train"].Count < 3 || modes["test"].Count < 1)
        {
            throw new DataException($"{root}: {modes["train"].Count} images in train and {modes["test"].Count} in val; expected at least 3 and 1");
        }

        ExampleParts<string> parts = ExampleSplits.OfModes(modes, root, options.ValidationFraction, options.Seed, "mtan");
        bool segmented = offered.Any(static offer => offer.Label == Label.Segmentation);
        return new(parts.Select(id => examples[id]), [.. offered.Select(static offer => offer.Label)], segmented ? classes : 0, segmented ? Names(layout, classes) : [], notices);
    }

    private static IReadOnlyList<string> Ids(Dictionary<string, DenseExample> examples, string part) =>
        [.. examples.Keys.Where(id => id.StartsWith(part + "-", StringComparison.Ordinal))];

    /// <summary>The folder of the classes, and their number.</summary>
    private static (string Folder, int Classes) Segmentation(string root, string name, MtanLayout layout, MtanOptions options)
    {
        bool Has(string folder) => Directory.Exists(Path.Combine(root, Parts[0], folder));
        if (layout == MtanLayout.NyuV2)
        {
            return (options.LabelFolder ?? "label", options.Classes ?? MtanClasses.NyuV2.Count);
        }

        int[] sets = [.. CityscapesSets.Where(set => Has(Folder(set)))];
        if (options.LabelFolder is { } named)
        {
            return (named, options.Classes ?? CityscapesSets.FirstOrDefault(set => Folder(set) == named, defaultValue: 7));
        }

        if (options.Classes is { } wanted)
        {
            return sets.Contains(wanted) ? (Folder(wanted), wanted)
                : Has("label") || sets.Length == 0 ? ("label", wanted)
                : throw new ConfigurationException($"{name}: classes is {wanted}, but {root}/train has {string.Join(", ", sets.Select(Folder))}; give one of {string.Join(", ", sets)}");
        }

        return Has("label") || sets.Length == 0 ? ("label", 7)
            : sets.Length == 1 ? (Folder(sets[0]), sets[0])
            : throw new ConfigurationException($"{name}: {root}/train has {string.Join(", ", sets.Select(Folder))}; say which by the number of classes, one of {string.Join(", ", sets)}");
    }

    private static string Folder(int classes) => $"label_{classes}";

    private static IReadOnlyList<string> Names(MtanLayout layout, int classes) => layout == MtanLayout.Cityscapes ? CityscapesClasses.Names(classes)
        : classes == MtanClasses.NyuV2.Count ? MtanClasses.NyuV2
        : [];

    private static IEnumerable<DenseExample> Examples(string root, string part, IReadOnlyList<(Label Label, string Folder)> labels, List<string> notices)
    {
        int count = Numbered(root, $"{part}/{ImageFolder}", notices);
        foreach ((Label _, string folder) in labels.Where(label => Directory.Exists(Path.Combine(root, part, label.Folder))))
        {
            string place = $"{part}/{folder}";
            FolderListing listing = FolderListing.Read(root, place, Extension);
            notices.AddRange(listing.Notices);
            string[] extra = [.. listing.ByStem().Where(file => !(Number(file.Key) < count)).Select(static file => file.Value)];
            FolderListing.AddNotice(notices, place, extra, "label without an image", "passed over", "labels without an image");
        }

        AddOthers(notices, root, part, [ImageFolder, .. labels.Select(static label => label.Folder)]);
        string PathOf(string folder, int number) => Path.Combine(root, part, folder, number.ToString(CultureInfo.InvariantCulture) + Extension);
        return Enumerable.Range(0, count).Select(number => new DenseExample($"{part}-{number:D4}", labels
            .Select(label => (Name: label.Label.Name, label.Folder))
            .Prepend((DenseExample.ImageFile, ImageFolder))
            .ToDictionary(static file => file.Item1, file => PathOf(file.Item2, number))));
    }

    /// <summary>The number of images: they must be numbered from 0 without a gap, as every loader of the layout takes them to be.</summary>
    private static int Numbered(string root, string folder, List<string> notices)
    {
        FolderListing listing = FolderListing.Read(root, folder, Extension);
        notices.AddRange(listing.Notices);
        FolderListing.AddNotice(notices, folder, [.. listing.Files.Where(static file => Number(Path.GetFileNameWithoutExtension(file)) is null)], "file whose name is no number", "passed over", "files whose names are no numbers");
        HashSet<int> numbers = [.. listing.ByStem().Keys.Select(Number).OfType<int>()];
        int gap = Enumerable.Range(0, numbers.Count + 1).First(number => !numbers.Contains(number));
        return gap == numbers.Count
            ? gap
            : throw new DataException($"{Path.Combine(root, folder, gap + Extension)}: there is no such file, but images up to {numbers.Max()}{Extension}; images are numbered from 0: restore it, or number them without a gap");
    }

    /// <summary>The number that a stem is, in the spelling that the loaders build.</summary>
    private static int? Number(string stem) =>
        int.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number.ToString(CultureInfo.InvariantCulture) == stem ? number : null;

    private static void AddOthers(List<string> notices, string root, string folder, IReadOnlyList<string> known)
    {
        FolderListing listing = FolderListing.Read(root, folder, Extension);
        string place = folder.Length == 0 ? root : folder;
        FolderListing.AddNotice(notices, place, [.. listing.Folders.Except(known)], "folder", "passed over");
        FolderListing.AddNotice(notices, place, listing.Files, "file", "passed over");
    }
}
