using System.Globalization;
using System.Numerics;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Yaml;
using AdaShare.Native.Engine.Errors;
using YamlDotNet.RepresentationModel;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Reads <c>dataset.yaml</c>.</summary>
internal static class FolderDescriptionReader
{
    private const int MostClasses = 100_000;
    private const int LongestName = 64;
    private const int LongestPath = 1024;

    private static readonly (string Name, LabelKind Kind)[] Kinds =
    [
        ("seg", LabelKind.Segmentation), ("sn", LabelKind.SurfaceNormals), ("depth", LabelKind.Depth), ("keypoint", LabelKind.Keypoints), ("edge", LabelKind.Edges),
        ("class", LabelKind.Class), ("attributes", LabelKind.Attributes), ("values", LabelKind.Values),
    ];

    private static readonly string[] TaskKeys = ["kind", "images", "files", "folder", "table", "image", "column", "columns", "classes", "colors", "ignore", "scale", "offset", "weight", "class_weights"];

    /// <summary>The name that configurations have for a kind.</summary>
    public static string KindName(LabelKind kind) => Array.Find(Kinds, pair => pair.Kind == kind).Name;

    /// <summary>Reads the description of a folder.</summary>
    /// <exception cref="DataException">The folder or file is missing, or says what can't be; the message names file, line and key.</exception>
    public static FolderDescription Read(string root)
    {
        string path = Path.Combine(root, FolderDescription.FileName);
        if (!File.Exists(path))
        {
            throw new DataException(Directory.Exists(root)
                ? $"{path}: there is no such file; write one that says which labels each task has, or let adashare data new {root} propose it"
                : $"{root}: there is no such folder; give the folder that holds {FolderDescription.FileName}");
        }

        try
        {
            string text = YamlText.ReadFile(path);
            return YamlText.Parse(text, path) is { } node ? Read(path, node) : throw new DataException($"{path}: is empty; expected images and tasks");
        }
        catch (ConfigurationException error)
        {
            throw new DataException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be read ({error.Message.TrimEnd('.')})", error);
        }
    }

    private static FolderDescription Read(string path, YamlNode node)
    {
        var section = new YamlSection(path, "", node, "name", "images", "parts", "seed", "input", "tasks");
        string images = Inside(section, "images", section.Text("images") ?? "**/*");
        if (!section.Has("tasks"))
        {
            throw section.Fault("tasks", "is missing; expected a section for each task, such as mask: {kind: seg, files: \"masks/{stem}.png\", classes: [background, cat]}");
        }

        var tasks = new YamlSection(path, "tasks", section["tasks"]);
        var description = new FolderDescription(section.Text("name") ?? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, images, [.. tasks.Keys.Select(name => Task(path, tasks, name))])
        {
            Seed = (ulong)(section.Whole("seed", 0, int.MaxValue) ?? 0),
            Input = section.Has("input") ? Input(path, section["input"]) : null,
        };
        return description.Tasks.Count == 0 ? throw section.Fault("tasks", "has none; expected one task or more") : Parts(path, section, description);
    }

    /// <summary>What networks see: what isn't said is as usual, in the order that is said.</summary>
    private static ImageInput Input(string path, YamlNode node)
    {
        var section = new YamlSection(path, "input", node, "mean", "deviation", "order");
        ChannelOrder order = section.Text("order") switch
        {
            null or "bgr" => ChannelOrder.Bgr,
            "rgb" => ChannelOrder.Rgb,
            { } other => throw section.Fault("order", $"is {YamlText.Shorten(other)}; expected bgr or rgb"),
        };
        return new ImageInput(Channels(section, "mean", 0) ?? ImageInput.MeanOf(order), Channels(section, "deviation", 1) ?? Vector3.One, order);
    }

    /// <summary>A number for each channel, on the scale of bytes: those of torchvision are 255 times smaller, and nothing else would tell.</summary>
    private static Vector3? Channels(YamlSection section, string key, double least)
    {
        float[] values = [.. section.List(key).Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= byte.MaxValue
            ? (float)value
            : throw section.Fault(key, $"has {YamlText.Shorten(text)}; expected numbers from {least} to {byte.MaxValue} (torchvision's times {byte.MaxValue}), such as adashare data check shows"))];
        return values.Length == 3 ? new Vector3(values) : section.Has(key) ? throw section.Fault(key, $"has {values.Length} numbers; expected three, one for each channel in the order of the channels") : null;
    }

    private static FolderDescription Parts(string path, YamlSection section, FolderDescription description)
    {
        if (!section.Has("parts"))
        {
            return description;
        }

        if (section["parts"] is YamlScalarNode)
        {
            return description with { PartsFile = Inside(section, "parts", section.Text("parts")!) };
        }

        var parts = new YamlSection(path, "parts", section["parts"], FolderParts.Names);
        return description with { PartPatterns = parts.Keys.Where(parts.Has).ToDictionary(static name => name, name => Inside(parts, name, parts.Text(name)!)) };
    }

    private static FolderTask Task(string path, YamlSection tasks, string name)
    {
        if (name.Length is 0 or > LongestName || !name.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_'))
        {
            throw tasks.Fault(name, $"is no name of a task; expected letters, digits, - and _, at most {LongestName}");
        }

        var section = new YamlSection(path, $"tasks.{name}", tasks[name], TaskKeys);
        string kindName = section.Required("kind", $"one of {string.Join(", ", Kinds.Select(static pair => pair.Name))}");
        (string known, LabelKind kind) = Array.Find(Kinds, pair => pair.Name == kindName);
        if (known is null)
        {
            throw section.Fault("kind", $"is {YamlText.Shorten(kindName)}; expected one of {string.Join(", ", Kinds.Select(static pair => pair.Name))}");
        }

        bool isCount = section.Has("classes") && section["classes"] is YamlScalarNode;
        var task = new FolderTask(name, kind)
        {
            Images = section.Text("images") is { } images ? Inside(section, "images", images) : null,
            Files = section.Text("files") is { } files ? Inside(section, "files", files) : null,
            ClassFolder = section.Whole("folder", 1, 64) ?? 0,
            Table = section.Text("table") is { } table ? Table(section, Inside(section, "table", table)) : null,
            Classes = isCount ? [] : section.List("classes"),
            ClassCount = isCount ? section.Whole("classes", 2, MostClasses) ?? 0 : 0,
            Colors = [.. section.List("colors").Select(text => Color(section, text))],
            ClassWeights = [.. section.List("class_weights").Select(text => ClassWeight(section, text))],
            Ignore = section.Number("ignore"),
            Scale = section.Number("scale") ?? 1,
            Offset = section.Number("offset") ?? 0,
            Weight = section.Number("weight") is not { } weight ? 1 : weight >= 0 ? weight : throw section.Fault("weight", $"is {weight.ToString(CultureInfo.InvariantCulture)}; expected 0 or more"),
        };
        Check(section, task);
        return task;
    }

    /// <summary>Labels come from one place that fits their kind, and no key stands that the kind has no use for.</summary>
    private static void Check(YamlSection section, FolderTask task)
    {
        bool ofImage = Label.Of(task.Kind).IsOfImage;
        string[] places = [.. new[] { "files", "folder", "table" }.Where(section.Has)];
        string[] fitting = !ofImage ? ["files"] : task.Kind == LabelKind.Class ? ["folder", "table"] : ["table"];
        if (places.Length != 1 || !fitting.Contains(places[0]))
        {
            throw section.Fault(places.Length > 0 ? places[^1] : "kind", $"doesn't say where the labels of this {KindName(task.Kind)} task are; expected {string.Join(" or ", fitting)}{(places.Length > 0 ? $", and nothing else, not {string.Join(" and ", places)}" : "")}");
        }

        string[] useless =
        [
            .. new[]
            {
                ("classes", task.Kind is LabelKind.Segmentation or LabelKind.Class), ("class_weights", task.Kind is LabelKind.Segmentation or LabelKind.Class), ("colors", task.Kind == LabelKind.Segmentation), ("ignore", !ofImage), ("column", task.Table is not null && task.Kind == LabelKind.Class),
                ("columns", task.Table is not null && task.Kind != LabelKind.Class), ("image", task.Table is not null), ("scale", task.Kind is LabelKind.Depth or LabelKind.Keypoints or LabelKind.Edges or LabelKind.Values),
                ("offset", task.Kind is LabelKind.Depth or LabelKind.Keypoints or LabelKind.Edges or LabelKind.Values),
            }.Where(pair => section.Has(pair.Item1) && !pair.Item2).Select(static pair => pair.Item1),
        ];
        if (useless.Length > 0)
        {
            throw section.Fault(useless[0], $"means nothing for a {KindName(task.Kind)} task with its labels in {places[0]}; leave it out");
        }

        if (task.Kind == LabelKind.Segmentation && task.Classes.Count == 0 && task.ClassCount == 0)
        {
            throw section.Fault("classes", "is missing; expected the names of the classes, such as [background, cat], or their number");
        }

        int classes = task.Classes.Count > 0 ? task.Classes.Count : task.ClassCount;
        if (task.Colors.Count > 0 && (task.Colors.Count != classes || task.Colors.Distinct().Count() != task.Colors.Count))
        {
            throw section.Fault("colors", $"has {task.Colors.Count} colours ({task.Colors.Distinct().Count()} different ones) for {classes} classes; expected one of its own for each class");
        }

        if (task.Classes.Distinct().Count() != task.Classes.Count || task.Classes.Count == 1)
        {
            throw section.Fault("classes", $"has {task.Classes.Count} names, {task.Classes.Distinct().Count()} different ones; expected two classes or more, each named once");
        }
    }

    private static FolderTable Table(YamlSection section, string file)
    {
        string? column = section.Text("column");
        IReadOnlyList<string> columns = column is not null ? [column] : section.List("columns");
        return columns.Count > 0 && columns.Distinct().Count() == columns.Count
            ? new FolderTable(file, section.Text("image") ?? "image", columns)
            : throw section.Fault("table", "has no columns with labels; expected column: NAME of a class task, or columns: [NAME, …] of others, each once");
    }

    private static (byte R, byte G, byte B) Color(YamlSection section, string text) =>
        text.Length == 7 && text[0] == '#' && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            ? ((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : throw section.Fault("colors", $"has {YamlText.Shorten(text)}; expected colours such as \"#ff0000\", in quotes");

    private static float ClassWeight(YamlSection section, string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float weight) && float.IsFinite(weight) && weight >= 0
            ? weight
            : throw section.Fault("class_weights", $"has {YamlText.Shorten(text)}; expected a number of 0 or more for each class");

    /// <summary>A path or pattern that stays in the folder.</summary>
    private static string Inside(YamlSection section, string key, string path)
    {
        string cause = path.Length == 0 ? "nothing" : path.Contains('\\') ? "has a backslash, write / between folders" : Path.IsPathRooted(path) ? "is absolute"
            : path.Split('/').Contains("..") ? "leads up" : path.Any(char.IsControl) ? "has a control character in it" : path.Length > LongestPath ? $"has {path.Length} characters, more than {LongestPath}" : "";
        return cause.Length == 0 ? path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path
            : throw section.Fault(key, $"({Shown.Of(path)}) {cause}; expected a path inside the folder, relative to it");
    }
}
