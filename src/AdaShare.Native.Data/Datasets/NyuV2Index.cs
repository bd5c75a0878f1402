using System.Text.Json;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

/// <summary>What a folder in the layout of NYU v2 holds: its examples, their parts, and what it says of classes.</summary>
/// <param name="Parts">The examples of each part.</param>
/// <param name="Labels">The kinds of label that the folder offers.</param>
/// <param name="ClassNames">The names of the classes, empty where the folder does not state them.</param>
internal sealed record NyuV2Index(NyuV2Parts<NyuV2Example> Parts, IReadOnlyList<LabelKind> Labels, IReadOnlyList<string> ClassNames)
{
    /// <summary>The official list of examples.</summary>
    public const string OfficialFile = "nyu_v2_3task.json";

    /// <summary>The list that the writer of procedural scenes makes.</summary>
    public const string ScenesFile = "scenes.json";

    private static readonly string[] OfficialModes = ["train", "train1", "train2", "val", "test"];
    private static readonly LabelKind[] OfficialLabels = [LabelKind.Segmentation, LabelKind.SurfaceNormals, LabelKind.Depth];

    private static readonly (LabelKind Kind, string Folder, string Extension)[] Folders =
    [
        (LabelKind.Segmentation, "seg", ".png"),
        (LabelKind.SurfaceNormals, "normal_mask", ".png"),
        (LabelKind.Depth, "depth", ".npy"),
        (LabelKind.Keypoints, "keypoint", ".npy"),
        (LabelKind.Edges, "edge", ".npy"),
    ];

    /// <exception cref="DataException">The folder is missing, its lists are damaged, or it has too few examples.</exception>
    public static NyuV2Index Open(string root, NyuV2Options options)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; give the folder of NYU v2, with {OfficialFile} or the folder img in it");
        }

        string official = Path.Combine(root, OfficialFile);
        if (File.Exists(official))
        {
            return FromOfficial(root, official, options);
        }

        string scenes = Path.Combine(root, ScenesFile);
        return File.Exists(scenes) ? FromScenes(root, scenes) : FromFolder(root, options);
    }

    private static NyuV2Index FromOfficial(string root, string path, NyuV2Options options)
    {
        using JsonDocument json = NyuV2Json.Open(path);
        var examples = new Dictionary<string, NyuV2Example>();
        var modes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (JsonProperty mode in json.RootElement.EnumerateObject().Where(mode => OfficialModes.Contains(mode.Name)))
        {
            IReadOnlyList<string>[] rows = NyuV2Json.Rows(mode, 1 + OfficialLabels.Length, path);
            modes[mode.Name] = [.. rows.Select(row => row[0])];
            foreach (IReadOnlyList<string> row in rows)
            {
                string[] paths = [.. row.Select(relative => Path.Combine(root, relative))];
                examples[row[0]] = new(row[0], paths[0], OfficialLabels.Select((kind, i) => (kind, paths[i + 1])).ToDictionary(pair => pair.kind, pair => pair.Item2));
            }
        }

        NyuV2Parts<string> parts = OfficialParts(modes, path, options);
        Dictionary<string, string> names = ShortNames(examples.Keys);
        return new(parts.Select(id => examples[id] with { Id = names[id] }), OfficialLabels, []);
    }

    /// <summary>The parts of the official list, completed where it has no train1, train2 or val.</summary>
    private static NyuV2Parts<string> OfficialParts(Dictionary<string, IReadOnlyList<string>> modes, string path, NyuV2Options options)
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
        NyuV2Parts<string> parts = divided
            ? new(weights, policy, trainOnly, Mode("val"), Mode("test"))
            : new(Mode("train"), [], [], Mode("val"), Mode("test"));
        NyuV2Splits.RequireDisjoint(parts, path);
        if (parts.Validation.Count == 0)
        {
            parts = NyuV2Splits.HoldOut(parts, options.ValidationFraction, options.Seed, path);
        }

        if (!divided)
        {
            if (parts.Weights.Count < 2)
            {
                throw new DataException($"{path}: {Mode("train").Count} training examples can't be divided into validation, weights and policy; have at least 3");
            }

            (weights, policy) = NyuV2Splits.DivideTraining(parts.Weights, options.Seed);
            parts = parts with { Weights = weights, Policy = policy };
        }

        return parts;
    }

    private static NyuV2Index FromScenes(string root, string path)
    {
        using JsonDocument json = NyuV2Json.Open(path);
        if (!json.RootElement.TryGetProperty("splits", out JsonElement splits) || splits.ValueKind != JsonValueKind.Object)
        {
            throw new DataException($"{path}: there is no object 'splits'; expected the lists train1, train2, val and test in it; write the scenes again");
        }

        IReadOnlyList<string> Part(string name) => NyuV2Json.Strings(splits, name, path);
        var parts = new NyuV2Parts<string>(Part("train1"), Part("train2"), [], Part("val"), Part("test"));
        NyuV2Splits.RequireDisjoint(parts, path);
        IReadOnlyList<LabelKind> labels = OfferedBy(root);
        IReadOnlyList<string> classes = json.RootElement.TryGetProperty("classes", out _) ? NyuV2Json.Strings(json.RootElement, "classes", path) : [];
        if (classes.Count > NyuV2Options.MaxClasses)
        {
            throw new DataException($"{path}: {classes.Count} classes; expected at most {NyuV2Options.MaxClasses}, since 255 marks ignored pixels");
        }

        return new(parts.Select(id => InFolder(root, id, labels)), labels, classes);
    }

    private static NyuV2Index FromFolder(string root, NyuV2Options options)
    {
        string images = Path.Combine(root, "img");
        if (!Directory.Exists(images))
        {
            throw new DataException($"{root}: neither {OfficialFile} nor {ScenesFile} nor a folder img; give the folder of NYU v2");
        }

        string[] ids = [.. Directory.EnumerateFiles(images, "*.png").Select(file => Path.GetFileNameWithoutExtension(file))];
        if (ids.Length < 4)
        {
            throw new DataException($"{images}: {ids.Length} images (*.png); expected at least 4, one each for weights, policy, validation and test");
        }

        IReadOnlyList<LabelKind> labels = OfferedBy(root);
        return new(NyuV2Splits.Divide(ids, options.ValidationFraction, options.Seed).Select(id => InFolder(root, id, labels)), labels, []);
    }

    private static LabelKind[] OfferedBy(string root)
    {
        LabelKind[] kinds = [.. Folders.Where(entry => Directory.Exists(Path.Combine(root, entry.Folder))).Select(entry => entry.Kind)];
        return kinds.Length > 0
            ? kinds
            : throw new DataException($"{root}: no labels; expected some of the folders {string.Join(", ", Folders.Select(entry => entry.Folder))} beside img");
    }

    private static NyuV2Example InFolder(string root, string id, IReadOnlyList<LabelKind> labels) => new(
        id,
        Path.Combine(root, "img", id + ".png"),
        Folders.Where(entry => labels.Contains(entry.Kind)).ToDictionary(entry => entry.Kind, entry => Path.Combine(root, entry.Folder, id + entry.Extension)));

    /// <summary>The stem of each image's file name, or its whole relative path where two share a stem.</summary>
    private static Dictionary<string, string> ShortNames(IEnumerable<string> images)
    {
        string[] all = [.. images];
        bool unique = all.Select(image => Path.GetFileNameWithoutExtension(image)).Distinct().Count() == all.Length;
        return all.ToDictionary(image => image, image => unique ? Path.GetFileNameWithoutExtension(image) : Path.ChangeExtension(image, null));
    }
}
