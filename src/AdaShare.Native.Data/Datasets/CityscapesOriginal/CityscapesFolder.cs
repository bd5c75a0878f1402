using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>Finds the examples of CityScapes' own folders.</summary>
internal static class CityscapesFolder
{
    /// <summary>What the camera's file is called in <see cref="DenseExample.Files"/>.</summary>
    public const string CameraFile = "camera";

    private const string ImageFolder = "leftImg8bit";
    private const string ImageEnding = "_leftImg8bit.png";
    private static readonly string[] Parts = ["train", "val"];

    /// <summary>The files beside an image, with the label that each belongs to.</summary>
    private static readonly (Label Label, string Name, string Folder, string Ending)[] Files =
    [
        (Label.Segmentation, Label.Segmentation.Name, "gtFine", "_gtFine_labelIds.png"),
        (Label.Depth, Label.Depth.Name, "disparity", "_disparity.png"),
        (Label.Depth, CameraFile, "camera", "_camera.json"),
    ];

    /// <summary>The labels that there can be.</summary>
    public static IReadOnlyList<Label> Offered { get; } = [Label.Segmentation, Label.Depth];

    /// <exception cref="DataException">A folder is missing, or there are too few images; the message names it.</exception>
    public static DenseIndex Open(string root, string name, CityscapesOriginalOptions options)
    {
        foreach (string folder in Parts.Select(part => Path.Combine(root, ImageFolder, part)))
        {
            if (!Directory.Exists(folder))
            {
                throw new DataException($"{folder}: there is no such folder; give the folder of {name} that has {ImageFolder}/train and {ImageFolder}/val in it");
            }
        }

        bool Has(Label label) => Files.Where(file => file.Label == label).All(file => Directory.Exists(Path.Combine(root, file.Folder)));
        IReadOnlyList<Label> labels = options.Labels ?? [.. Offered.Where(Has)];
        if (labels.Count == 0)
        {
            throw new DataException($"{root}: no labels; expected gtFine, or disparity and camera, beside {ImageFolder}");
        }

        List<string> notices = [];
        string[] known = [ImageFolder, .. Files.Where(file => labels.Contains(file.Label)).Select(static file => file.Folder)];
        FolderListing listing = FolderListing.Read(root, "", ".png");
        FolderListing.AddNotice(notices, root, [.. listing.Folders.Except(known)], "folder", "passed over");
        Dictionary<string, DenseExample> examples = [];
        var modes = new Dictionary<string, IReadOnlyList<string>>();
        foreach ((string part, string mode) in Parts.Zip(["train", "test"]))
        {
            DenseExample[] found = [.. Examples(root, part, labels, notices)];
            modes[mode] = [.. found.Select(static example => example.Id)];
            Array.ForEach(found, example => examples[example.Id] = example);
        }

        ExampleParts<string> parts = ExampleSplits.OfModes(modes, Path.Combine(root, ImageFolder), options.ValidationFraction, options.Seed, "cityscapes");
        int classes = labels.Contains(Label.Segmentation) ? options.Classes ?? 19 : 0;
        return new(parts.Select(id => examples[id]), labels, classes, CityscapesClasses.Names(classes), notices);
    }

    private static IEnumerable<DenseExample> Examples(string root, string part, IReadOnlyList<Label> labels, List<string> notices)
    {
        foreach (string city in FolderListing.Read(root, $"{ImageFolder}/{part}", ".png").Folders)
        {
            string place = $"{part}/{city}";
            FolderListing listing = FolderListing.Read(root, $"{ImageFolder}/{place}", ".png");
            notices.AddRange(listing.Notices);
            string[] images = [.. listing.Files.Where(static file => file.EndsWith(ImageEnding, StringComparison.Ordinal))];
            FolderListing.AddNotice(notices, place, [.. listing.Files.Except(images)], "picture whose name does not end in " + ImageEnding, "passed over", "pictures whose names do not end in " + ImageEnding);
            HashSet<string> stems = [.. images.Select(static file => file[..^ImageEnding.Length])];
            foreach ((_, _, string folder, string ending) in Files.Where(file => labels.Contains(file.Label) && Directory.Exists(Path.Combine(root, file.Folder, part, city))))
            {
                string[] extra = [.. FolderListing.Read(root, $"{folder}/{place}", Path.GetExtension(ending)).Files.Where(file => file.EndsWith(ending, StringComparison.Ordinal) && !stems.Contains(file[..^ending.Length]))];
                FolderListing.AddNotice(notices, $"{folder}/{place}", extra, "file without an image", "passed over", "files without an image");
            }

            foreach (string stem in stems)
            {
                yield return new(stem, Files.Where(file => labels.Contains(file.Label))
                    .Select(file => (file.Name, Path: Path.Combine(root, file.Folder, part, city, stem + file.Ending)))
                    .Prepend((DenseExample.ImageFile, Path.Combine(root, ImageFolder, part, city, stem + ImageEnding)))
                    .ToDictionary(static file => file.Item1, static file => file.Item2));
            }
        }
    }
}
