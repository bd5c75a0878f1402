using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>
/// Proposes <c>dataset.yaml</c> for a folder by what lies in it: folders of label files beside one of images, folders that name classes, tables with a line for each image. What it
/// can't know (the names of classes, the unit of depth) it marks for its reader.
/// </summary>
public sealed class FolderProposal
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg"];
    private static readonly string[] ImageFolders = ["images", "image", "img", "imgs", "rgb", "photos", "pictures", "input", "inputs", "jpegimages", "leftimg8bit"];
    private static readonly string[] PartFolders = ["train", "training", "val", "valid", "validation", "test", "testing"];

    private readonly StringBuilder _tasks = new();
    private readonly List<string> _findings = [];
    private readonly string _root;
    private readonly string[] _files;

    private FolderProposal(string root)
    {
        _root = root;
        _files = [.. FolderIndex.Files(root, "")];
    }

    /// <summary>The proposal.</summary>
    public string Yaml { get; private set; } = "";

    /// <summary>What was found, a sentence each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Looks at a folder.</summary>
    /// <exception cref="DataException">There is no such folder, or nothing in it that can be a data set.</exception>
    public static FolderProposal Of(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; give the folder with your images");
        }

        var proposal = new FolderProposal(root);
        proposal.Make();
        return proposal;
    }

    private void Make()
    {
        string[] pictures = [.. _files.Where(static file => Pictures.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))];
        if (pictures.Length == 0)
        {
            throw new DataException($"{_root}: has no picture ({string.Join(", ", Pictures)}) in it; give the folder with your images");
        }

        string? folder = ImageFolder(pictures);
        string images = folder is null ? "**/*" : $"{folder}/**";
        string[] own = [.. pictures.Where(new PathPattern(images).Fits)];
        _findings.Add($"{own.Length} images fit {images}");
        if (folder is not null)
        {
            AddLabelFolders(folder, own);
        }

        AddTables(own);
        string parts = Parts(folder, own);
        if (_tasks.Length == 0)
        {
            AddClassFolders(folder, own, ref images);
        }

        if (_tasks.Length == 0)
        {
            throw new DataException($"{_root}: has {own.Length} images and nothing that looks like labels: no folder with files of the same names, no folders that can be classes, no CSV file that names the images; see docs/own-data.md for what a dataset.yaml says");
        }

        Yaml = $"""
            # Which images and labels are in this folder; docs/own-data.md explains every key. Check it with: adashare data check {Quoted(_root)}
            name: {Quoted(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_root))))}
            {(images.Length > 0 ? $"images: \"{images}\"\n" : "")}{parts}# Networks see B, G, R minus ImageNet's mean colour; data check prints a line "input: ..." with the mean and deviation of these images, for here.
            tasks:
            {_tasks}
            """;
    }

    /// <summary>
    /// The folder of images where label files lie in others: by its name, or the one of photographs (JPEG) where there is one alone.
    /// </summary>
    private string? ImageFolder(string[] pictures)
    {
        string[] tops = [.. pictures.Select(static path => path.Split('/')).Where(static names => names.Length > 1).Select(static names => names[0]).Distinct()];
        if (Array.Find(tops, static top => ImageFolders.Contains(top.ToLowerInvariant())) is { } named)
        {
            return named;
        }

        string[] photographs = [.. tops.Where(top => pictures.Any(path => path.StartsWith(top + "/", StringComparison.Ordinal) && !path.EndsWith(".png", StringComparison.OrdinalIgnoreCase)))];
        return photographs is [var only] && _files.Any(path => !path.StartsWith(only + "/", StringComparison.Ordinal) && path.Contains('/')) ? only : null;
    }

    private void AddLabelFolders(string folder, string[] images)
    {
        HashSet<string> inner = [.. images.Select(path => FolderIndex.Stem(path[(folder.Length + 1)..]))];
        string[] others = [.. _files.Where(static path => path.Contains('/')).Select(static path => path.Split('/')[0]).Distinct().Where(top => top != folder)];
        foreach (string other in others)
        {
            string[] labels = [.. _files.Where(path => path.StartsWith(other + "/", StringComparison.Ordinal) && inner.Contains(FolderIndex.Stem(path[(other.Length + 1)..])))];
            if (labels.Length == 0)
            {
                continue;
            }

            string ending = labels.GroupBy(Path.GetExtension).MaxBy(static group => group.Count())!.Key!;
            string? sub = images.Any(path => path[(folder.Length + 1)..].Contains('/')) ? null : other;
            if (sub is null)
            {
                _findings.Add($"{other}: {labels.Length} label files lie in folders below; write files: of this task by hand, from {{path}}, {{folder}} and {{stem}} of the image");
                continue;
            }

            Describe(other, $"{other}/{{stem}}{ending}", [.. labels.Where(path => path.EndsWith(ending, StringComparison.Ordinal))]);
        }
    }

    private void Describe(string name, string files, string[] labels)
    {
        string task = TaskName(name), lower = name.ToLowerInvariant(), place = $"files: \"{files}\"";
        _findings.Add($"{name}: {labels.Length} label files");
        if (lower.Contains("depth", StringComparison.Ordinal) || lower.Contains("disparity", StringComparison.Ordinal))
        {
            bool isPicture = !files.EndsWith(".npy", StringComparison.Ordinal);
            _tasks.Append($"  {task}: {{kind: depth, {place}{(isPicture ? ", scale: 0.001" : "")}}}   # metres{(isPicture ? "; scale 0.001 is for millimetres" : "; add scale: 0.001 for millimetres")}\n");
        }
        else if (lower.Contains("normal", StringComparison.Ordinal))
        {
            _tasks.Append($"  {task}: {{kind: sn, {place}}}   # x, y, z in red, green, blue: 0 is -1, 255 is 1\n");
        }
        else if (lower.Contains("edge", StringComparison.Ordinal) || lower.Contains("keypoint", StringComparison.Ordinal) || lower.Contains("heat", StringComparison.Ordinal))
        {
            _tasks.Append($"  {task}: {{kind: {(lower.Contains("edge", StringComparison.Ordinal) ? "edge" : "keypoint")}, {place}}}   # strengths from -1 to 1; offset and scale bring others there\n");
        }
        else if (files.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
        {
            _tasks.Append(Segmentation(task, place, labels));
        }
        else
        {
            _findings.Add($"{name}: what these files say can't be told from their names; write the task by hand");
        }
    }

    /// <summary>A task of class planes, with the classes or colours that occur in the first pictures.</summary>
    private string Segmentation(string task, string place, string[] labels)
    {
        const int Looked = 50;
        var values = new SortedSet<int>();
        var colours = new SortedSet<(byte, byte, byte)>();
        foreach (string label in labels.Take(Looked))
        {
            SampleImage image = Png.ReadSamples(Path.Combine(_root, label));
            for (int i = 0; i < image.Samples.Length && colours.Count <= byte.MaxValue; i += image.Channels)
            {
                if (image.Channels == 1)
                {
                    values.Add(image.Samples[i]);
                }
                else
                {
                    colours.Add(((byte)image.Samples[i], (byte)image.Samples[i + 1], (byte)image.Samples[i + 2]));
                }
            }
        }

        if (colours.Count > 0)
        {
            string[] names = [.. colours.Select(static (_, i) => $"class{i}")];
            return colours.Count is < 2 or > 64 ? $"  # {task}: {colours.Count} colours in the first {Math.Min(Looked, labels.Length)} pictures are too {(colours.Count < 2 ? "few" : "many")} for classes; write this task by hand\n"
                : $"  {task}: {{kind: seg, {place}, classes: [{string.Join(", ", names)}], colors: [{string.Join(", ", colours.Select(static c => $"\"#{c.Item1:x2}{c.Item2:x2}{c.Item3:x2}\""))}]}}   # name the classes in the order of the colours\n";
        }

        // Masks are often 0 and 255, where 255 is a class and not what is ignored.
        if (values.SetEquals([0, 255]))
        {
            return $"  {task}: {{kind: seg, {place}, classes: [background, {task}], colors: [\"#000000\", \"#ffffff\"]}}   # 0 and 255 in the pictures\n";
        }

        int most = values.Where(static v => v != 255).DefaultIfEmpty(0).Max() + 1;
        return most is < 2 or > 255 ? $"  # {task}: values from {values.Min} to {values.Max} are no classes; write this task by hand\n"
            : $"  {task}: {{kind: seg, {place}, classes: {most}}}   # a number, or the names as a list{(values.Contains(255) ? "; 255 is ignored" : "")}\n";
    }

    private void AddTables(string[] images)
    {
        var names = images.SelectMany(static path => new[] { path, FolderIndex.Stem(path), Path.GetFileName(path) }).ToHashSet(StringComparer.Ordinal);
        foreach (string file in _files.Where(static file => file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)))
        {
            CsvTable table = CsvTable.Read(Path.Combine(_root, file));
            int image = Enumerable.Range(0, table.Columns.Count).FirstOrDefault(c => table.Rows.Count > 0 && 2 * table.Rows.Count(row => names.Contains(row.Fields[c])) >= table.Rows.Count, -1);
            if (image < 0)
            {
                _findings.Add($"{file}: no column names the images");
                continue;
            }

            _findings.Add($"{file}: {table.Rows.Count} lines, images in column {table.Columns[image]}");
            string place = $"table: \"{file}\", image: {Quoted(table.Columns[image])}";
            for (int c = 0; c < table.Columns.Count; c++)
            {
                if (c != image)
                {
                    _tasks.Append(Column(table, c, place));
                }
            }
        }
    }

    private static string Column(CsvTable table, int c, string place)
    {
        const int MostClasses = 200;
        string name = TaskName(table.Columns[c]), column = Quoted(table.Columns[c]);
        string[] given = [.. table.Rows.Select(row => row.Fields[c]).Where(static field => field.Length > 0)], distinct = [.. given.Distinct()];
        if (distinct.Length > 0 && distinct.All(static field => field.ToUpperInvariant() is "0" or "1" or "-1" or "YES" or "NO" or "TRUE" or "FALSE"))
        {
            return $"  {name}: {{kind: attributes, {place}, columns: [{column}]}}\n";
        }

        if (distinct.Length > 0 && distinct.All(static field => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            return $"  {name}: {{kind: values, {place}, columns: [{column}]}}   # offset and scale bring large numbers near 1; a class, if the numbers are names\n";
        }

        return distinct.Length is >= 2 and <= MostClasses && 2 * distinct.Length <= given.Length ? $"  {name}: {{kind: class, {place}, column: {column}}}\n" : "";
    }

    /// <summary>Parts that are folders.</summary>
    private string Parts(string? folder, string[] images)
    {
        string prefix = folder is null ? "" : folder + "/";
        string[] tops = [.. images.Where(path => path[prefix.Length..].Contains('/')).Select(path => path[prefix.Length..].Split('/')[0]).Distinct()];
        if (tops.Length < 2 || !tops.All(static top => PartFolders.Contains(top.ToLowerInvariant())) || !tops.Any(static top => top.StartsWith("test", StringComparison.OrdinalIgnoreCase)))
        {
            return "";
        }

        string[] lines = [.. tops.Select(top => $"  {(top.ToLowerInvariant()[0] switch { 'v' => "validation", _ => top.ToLowerInvariant().StartsWith("test", StringComparison.Ordinal) ? "test" : "train" })}: \"{prefix}{top}/**\"\n")];
        _findings.Add($"parts in folders: {string.Join(", ", tops)}");
        return $"parts:\n{string.Concat(lines)}";
    }

    /// <summary>Folders that name classes: one level of them, or the same ones in several folders, which then are domains with a task each.</summary>
    private void AddClassFolders(string? folder, string[] images, ref string pattern)
    {
        string prefix = folder is null ? "" : folder + "/";
        string[][] paths = [.. images.Select(path => path[prefix.Length..].Split('/'))];
        string[] tops = [.. paths.Where(static p => p.Length > 1).Select(static p => p[0]).Distinct()];
        bool areParts = tops.All(static top => PartFolders.Contains(top.ToLowerInvariant()));
        if (paths.All(static p => p.Length == 2) && tops.Length > 1)
        {
            pattern = $"{prefix}*/*";
            _findings.Add($"{tops.Length} folders that can be classes: {string.Join(", ", tops.Take(10))}");
            _tasks.Append("  class: {kind: class, folder: 1}   # the folder of an image is its class\n");
        }
        else if (paths.All(static p => p.Length == 3) && areParts)
        {
            pattern = $"{prefix}*/*/*";
            _tasks.Append("  class: {kind: class, folder: 1}   # the folder of an image is its class\n");
        }
        else if (paths.All(static p => p.Length == 3))
        {
            string[] domains = tops;
            _findings.Add($"{domains.Length} folders with folders of classes: {string.Join(", ", domains.Take(10))}; each becomes a task with images of its own");
            pattern = "";
            foreach (string domain in domains)
            {
                _tasks.Append($"  {TaskName(domain)}: {{kind: class, images: \"{prefix}{domain}/*/*\", folder: 1}}\n");
            }
        }
    }

    private static string TaskName(string text)
    {
        string name = new([.. text.Select(static c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_')]);
        return name.Length == 0 ? "task" : name[..Math.Min(name.Length, 64)];
    }

    private static string Quoted(string text) => text.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/') && text.Length > 0 && char.IsLetter(text[0]) ? text : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
