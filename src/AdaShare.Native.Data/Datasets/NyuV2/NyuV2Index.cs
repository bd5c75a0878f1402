using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>What a folder in the layout of NYU v2 holds: its examples, their parts, and what it says of classes.</summary>
/// <param name="Parts">The examples of each part.</param>
/// <param name="Labels">The kinds of label that the folder offers.</param>
/// <param name="ClassNames">The names of the classes, empty where the folder does not state them.</param>
/// <param name="Notices">A sentence for each kind of thing in the folder that is passed over.</param>
internal sealed record NyuV2Index(ExampleParts<NyuV2Example> Parts, IReadOnlyList<Label> Labels, IReadOnlyList<string> ClassNames, IReadOnlyList<string> Notices)
{
    /// <summary>The official list of examples.</summary>
    public const string OfficialFile = "nyu_v2_3task.json";

    /// <summary>The list that the writer of procedural scenes makes.</summary>
    public const string ScenesFile = "scenes.json";

    private const string ImageFolder = "img";
    private const string ImageExtension = ".png";
    private static readonly string[] OfficialModes = ["train", "train1", "train2", "val", "test"];
    private static readonly Label[] OfficialLabels = [Label.Segmentation, Label.SurfaceNormals, Label.Depth];

    private static readonly (Label Label, string Folder, string Extension)[] Folders =
    [
        (Label.Segmentation, "seg", ".png"),
        (Label.SurfaceNormals, "normal_mask", ".png"),
        (Label.Depth, "depth", ".npy"),
        (Label.Keypoints, "keypoint", ".npy"),
        (Label.Edges, "edge", ".npy"),
    ];

    /// <exception cref="DataException">The folder is missing, its lists are damaged, or it has too few examples.</exception>
    public static NyuV2Index Open(string root, NyuV2Options options)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; give the folder of NYU v2, with {OfficialFile} or the folder img in it");
        }

        List<string> notices = RootNotices(root);
        string official = Path.Combine(root, OfficialFile), scenes = Path.Combine(root, ScenesFile);
        if (RegularFile.IsTaken(official))
        {
            return Guarded(official, () => FromOfficial(root, official, options, notices));
        }

        return RegularFile.IsTaken(scenes) ? Guarded(scenes, () => FromScenes(root, scenes, notices)) : FromFolder(root, options, notices);
    }

    private static NyuV2Index Guarded(string list, Func<NyuV2Index> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            throw new DataException($"{list}: holds text that is no Unicode ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); restore the file", error);
        }
    }

    private static NyuV2Index FromOfficial(string root, string path, NyuV2Options options, List<string> notices)
    {
        using JsonDocument json = NyuV2Json.Open(path);
        var paths = new ListedPaths(root, path);
        var examples = new Dictionary<string, NyuV2Example>();
        var modes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (JsonProperty mode in json.RootElement.EnumerateObject().Where(mode => OfficialModes.Contains(mode.Name)))
        {
            string[][] rows = [.. NyuV2Json.Rows(mode, 1 + OfficialLabels.Length, path).Select(row => row.Select(paths.Inside).ToArray())];
            modes[mode.Name] = [.. rows.Select(row => row[0])];
            foreach (string[] row in rows)
            {
                var labels = OfficialLabels.Select((label, i) => (label, path: paths.Full(row[i + 1]))).ToDictionary(pair => pair.label, pair => pair.path);
                if (!examples.TryAdd(row[0], new(row[0], paths.Full(row[0]), labels)) && labels.Any(label => examples[row[0]].Labels[label.Key] != label.Value))
                {
                    throw new DataException($"{path}: image '{Shown.Of(row[0])}' has other labels in mode '{mode.Name}' than in another mode; name the same labels in each");
                }
            }
        }

        ExampleParts<string> parts = OfficialParts(modes, path, options);
        string[] unknown = [.. json.RootElement.EnumerateObject().Select(static mode => mode.Name).Where(static mode => !OfficialModes.Contains(mode))];
        FolderListing.AddNotice(notices, OfficialFile, unknown, "mode", $"passed over, as none of {string.Join(", ", OfficialModes)}");
        AddUnlisted(notices, root, OfficialFile, examples.Keys);
        Dictionary<string, string> names = ShortNames(examples.Keys);
        return new(parts.Select(id => examples[id] with { Id = names[id] }), OfficialLabels, [], notices);
    }

    /// <summary>The parts of the official list, completed where it has no train1, train2 or val.</summary>
    private static ExampleParts<string> OfficialParts(Dictionary<string, IReadOnlyList<string>> modes, string path, NyuV2Options options)
    {
        IReadOnlyList<string> Mode(string name) => modes.GetValueOrDefault(name, []);
        (IReadOnlyList<string> weights, IReadOnlyList<string> policy) = (Mode("train1"), Mode("train2"));
        string found = modes.Count == 0 ? "none" : string.Join(", ", modes.Select(mode => $"{mode.Key} {mode.Value.Count}"));
        bool divided = weights.Count > 0 && policy.Count > 0;
        if (Mode("test").Count == 0 || weights.Count > 0 != policy.Count > 0 || (!divided && Mode("train").Count < 2))
        {
            throw new DataException($"{path}: the modes with examples are {found}; expected test, and train1 and train2 or train with at least 2 examples");
        }

        var trained = weights.Concat(policy).ToHashSet();
        IReadOnlyList<string> trainOnly = divided ? [.. Mode("train").Where(id => !trained.Contains(id))] : [];
        ExampleParts<string> parts = divided
            ? new(weights, policy, trainOnly, Mode("val"), Mode("test"))
            : new(Mode("train"), [], [], Mode("val"), Mode("test"));
        ExampleSplits.RequireDisjoint(parts, path);
        if (parts.Validation.Count == 0)
        {
            parts = ExampleSplits.HoldOut(parts, options.ValidationFraction, options.Seed, path);
        }

        if (!divided)
        {
            if (parts.Weights.Count < 2)
            {
                throw new DataException($"{path}: {Mode("train").Count} training examples can't be divided into validation, weights and policy; have at least 3");
            }

            (weights, policy) = ExampleSplits.DivideTraining(parts.Weights, options.Seed);
            parts = parts with { Weights = weights, Policy = policy };
        }

        return parts;
    }

    private static NyuV2Index FromScenes(string root, string path, List<string> notices)
    {
        using JsonDocument json = NyuV2Json.Open(path);
        if (!json.RootElement.TryGetProperty("splits", out JsonElement splits) || splits.ValueKind != JsonValueKind.Object)
        {
            throw new DataException($"{path}: there is no object 'splits'; expected the lists train1, train2, val and test in it; write the scenes again");
        }

        var paths = new ListedPaths(root, path);
        IReadOnlyList<string> Part(string name) => [.. NyuV2Json.Strings(splits, name, path).Select(id => Stem(paths, id))];
        var parts = new ExampleParts<string>(Part("train1"), Part("train2"), [], Part("val"), Part("test"));
        ExampleSplits.RequireDisjoint(parts, path);
        IReadOnlyList<Label> labels = OfferedBy(root);
        IReadOnlyList<string> classes = json.RootElement.TryGetProperty("classes", out _) ? NyuV2Json.Strings(json.RootElement, "classes", path) : [];
        if (classes.Count > NyuV2Options.MaxClasses)
        {
            throw new DataException($"{path}: {classes.Count} classes; expected at most {NyuV2Options.MaxClasses}, since 255 marks ignored pixels");
        }

        string[] unknown = [.. splits.EnumerateObject().Select(static part => part.Name).Where(static part => part is not ("train1" or "train2" or "val" or "test"))];
        FolderListing.AddNotice(notices, ScenesFile, unknown, "part", "passed over, as none of train1, train2, val, test");
        AddUnlisted(notices, root, ScenesFile, [.. parts.All.Select(id => $"{ImageFolder}/{id}{ImageExtension}")]);
        NyuV2Example Example(string id) => new(
            id,
            paths.Full(Path.Combine(ImageFolder, id + ImageExtension)),
            Folders.Where(entry => labels.Contains(entry.Label)).ToDictionary(entry => entry.Label, entry => paths.Full(Path.Combine(entry.Folder, id + entry.Extension))));
        return new(parts.Select(Example), labels, classes, notices);
    }

    /// <summary>The id of a scene in one spelling: the path of its image in the folder of images, without its ending.</summary>
    private static string Stem(ListedPaths paths, string id)
    {
        string inside = paths.Inside($"{ImageFolder}/{id}{ImageExtension}");
        return inside.StartsWith(ImageFolder + "/", StringComparison.Ordinal)
            ? inside[(ImageFolder.Length + 1)..^ImageExtension.Length]
            : throw new DataException($"{paths.List}: the scene '{Shown.Of(id)}' leads out of the folder {ImageFolder}; expected the name of a file in it, without its ending");
    }

    private static NyuV2Index FromFolder(string root, NyuV2Options options, List<string> notices)
    {
        string images = Path.Combine(root, ImageFolder);
        if (!Directory.Exists(images))
        {
            throw new DataException($"{root}: neither {OfficialFile} nor {ScenesFile} nor a folder {ImageFolder}; give the folder of NYU v2");
        }

        FolderListing listing = FolderListing.Read(root, ImageFolder, ImageExtension);
        Dictionary<string, string> files = listing.ByStem();
        notices.AddRange(listing.Notices);
        if (files.Count < 4)
        {
            string seen = listing.Notices.Count > 0 ? $" ({string.Join("; ", listing.Notices)})" : "";
            throw new DataException($"{images}: {files.Count} images (*{ImageExtension}){seen}; expected at least 4, one each for weights, policy, validation and test");
        }

        IReadOnlyList<Label> labels = OfferedBy(root);
        Dictionary<Label, Dictionary<string, string>> found = labels.ToDictionary(static label => label, label => LabelFiles(root, label, files, notices));
        NyuV2Example Example(string id) => new(id, Path.Combine(images, files[id]), labels.ToDictionary(static label => label, label => PathOf(root, label, id, found[label])));
        return new(ExampleSplits.Divide([.. files.Keys], options.ValidationFraction, options.Seed).Select(Example), labels, [], notices);
    }

    /// <summary>The files of a kind of label by their stems; those without an image are passed over.</summary>
    private static Dictionary<string, string> LabelFiles(string root, Label label, Dictionary<string, string> images, List<string> notices)
    {
        (_, string folder, string extension) = Folders.Single(entry => entry.Label == label);
        FolderListing listing = FolderListing.Read(root, folder, extension);
        Dictionary<string, string> files = listing.ByStem();
        notices.AddRange(listing.Notices);
        FolderListing.AddNotice(notices, folder, [.. files.Where(file => !images.ContainsKey(file.Key)).Select(static file => file.Value)], "label without an image", "passed over", "labels without an image");
        return files;
    }

    private static string PathOf(string root, Label label, string id, Dictionary<string, string> files)
    {
        (_, string folder, string extension) = Folders.Single(entry => entry.Label == label);
        return Path.Combine(root, folder, files.GetValueOrDefault(id, id + extension));
    }

    /// <summary>What lies beside the lists and folders that are read.</summary>
    private static List<string> RootNotices(string root)
    {
        FolderListing listing = FolderListing.Read(root, "", ".json");
        (IReadOnlyList<string> folders, IReadOnlyList<string> lists) = (listing.Folders, listing.Files);
        string? used = lists.FirstOrDefault(static name => name == OfficialFile) ?? lists.FirstOrDefault(static name => name == ScenesFile);
        var notices = new List<string>();
        FolderListing.AddNotice(notices, root, [.. lists.Where(name => name != used)], "list", $"passed over ({(used is null ? $"lists are {OfficialFile} and {ScenesFile}" : $"the list is {used}")})");
        if (used != OfficialFile)
        {
            FolderListing.AddNotice(notices, root, [.. folders.Except(Folders.Select(static entry => entry.Folder)).Where(static name => name != ImageFolder)], "folder", "passed over");
        }

        return notices;
    }

    /// <summary>Counts the pictures that lie in the folder of images and in no part.</summary>
    private static void AddUnlisted(List<string> notices, string root, string list, IReadOnlyCollection<string> listed)
    {
        if (Directory.Exists(Path.Combine(root, ImageFolder)))
        {
            FolderListing listing = FolderListing.Read(root, ImageFolder, ImageExtension);
            notices.AddRange(listing.Notices);
            var known = listed.ToHashSet();
            string[] unlisted = [.. listing.Files.Where(file => !known.Contains($"{ImageFolder}/{file}"))];
            FolderListing.AddNotice(notices, ImageFolder, unlisted, "picture", $"in no part of {list} and passed over");
        }
    }

    private static Label[] OfferedBy(string root)
    {
        Label[] labels = [.. Folders.Where(entry => Directory.Exists(Path.Combine(root, entry.Folder))).Select(entry => entry.Label)];
        return labels.Length > 0
            ? labels
            : throw new DataException($"{root}: no labels; expected some of the folders {string.Join(", ", Folders.Select(entry => entry.Folder))} beside {ImageFolder}");
    }

    /// <summary>The stem of each image's file name, or its whole relative path where two share a stem.</summary>
    private static Dictionary<string, string> ShortNames(IEnumerable<string> images)
    {
        string[] all = [.. images];
        bool unique = all.Select(image => Path.GetFileNameWithoutExtension(image)).Distinct().Count() == all.Length;
        return all.ToDictionary(image => image, image => unique ? Path.GetFileNameWithoutExtension(image) : Path.ChangeExtension(image, null));
    }
}
