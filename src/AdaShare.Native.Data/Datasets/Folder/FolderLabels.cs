using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Finds the label of one task for each image of a folder.</summary>
internal sealed class FolderLabels
{
    private readonly Func<string, LabelSource?> _find;

    private FolderLabels(FolderLabel label, Func<string, LabelSource?> find) => (Task, ClassNames, _find) = (label.Task.Name, label.Names, find);

    /// <summary>The task's name.</summary>
    public string Task { get; }

    /// <summary>The names of the task's classes, properties or numbers; empty where they have none.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The label of an image, or null where it has none.</summary>
    /// <param name="id">The image's path without its ending.</param>
    public LabelSource? Find(string id) => _find(id);

    /// <summary>Where a task's labels are, for messages.</summary>
    public static string Place(FolderTask task) => task.Files is { } files ? $"files {files}" : task.ClassFolder > 0 ? $"folder {task.ClassFolder} above the image" : $"table {task.Table!.File}";

    /// <summary>The name of a folder above a path, 1 for the nearest; null where there is none.</summary>
    public static string? FolderAbove(string path, int number)
    {
        string[] names = path.Split('/');
        return names.Length > number ? names[^(number + 1)] : null;
    }

    /// <summary>Reads what is needed to find labels.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="label">The label.</param>
    /// <param name="images">The images' paths by their paths without endings.</param>
    /// <param name="notices">What is passed over.</param>
    /// <exception cref="DataException">A table is damaged, or names what is no class, number or image.</exception>
    public static FolderLabels Of(string root, FolderLabel label, Dictionary<string, string> images, List<string> notices)
    {
        FolderTask task = label.Task;
        if (task.Files is { } files)
        {
            return new(label, id => FileOf(root, files, id) is { } path ? LabelSource.Of(path) : null);
        }

        Dictionary<string, int> classes = label.Names.Select(static (name, i) => (name, i)).ToDictionary(static pair => pair.name, static pair => pair.i);
        if (task.ClassFolder > 0)
        {
            return new(label, id => FolderAbove(images[id], task.ClassFolder) is not { } name ? null
                : classes.TryGetValue(name, out int c) ? LabelSource.Of(c)
                : throw new DataException($"{Path.Combine(root, images[id])}: lies in the folder {Shown.Of(name)}, which is no class of task {task.Name} ({string.Join(", ", label.Names)}); add it to classes, or move the image"));
        }

        Dictionary<string, LabelSource> rows = Rows(root, label, task.Table!, images, classes, notices);
        return new(label, id => rows.TryGetValue(id, out LabelSource source) ? source : null);
    }

    private static string? FileOf(string root, string pattern, string id)
    {
        string folder = id.LastIndexOf('/') is int slash and >= 0 ? id[..slash] : "";
        string path = pattern.Replace("{path}", id, StringComparison.Ordinal).Replace("{folder}", folder, StringComparison.Ordinal).Replace("{stem}", id[(id.LastIndexOf('/') + 1)..], StringComparison.Ordinal);
        string full = Path.Combine(root, path);
        return File.Exists(full) || new FileInfo(full).LinkTarget is not null ? full : null;
    }

    private static Dictionary<string, LabelSource> Rows(string root, FolderLabel label, FolderTable table, Dictionary<string, string> images, Dictionary<string, int> classes, List<string> notices)
    {
        CsvTable csv = CsvTable.Read(Path.Combine(root, table.File));
        int image = csv.Column(table.Image);
        int[] columns = [.. table.Columns.Select(csv.Column)];
        Dictionary<string, string> byPath = images.ToDictionary(static pair => pair.Value, static pair => pair.Key);
        ILookup<string, string> byName = images.SelectMany(static pair => new[] { (Name: Path.GetFileName(pair.Value), pair.Key), (Name: Path.GetFileName(pair.Key), pair.Key) }).Distinct().ToLookup(static pair => pair.Name, static pair => pair.Key);
        var rows = new Dictionary<string, LabelSource>();
        var unknown = new List<string>();
        foreach ((int line, string[] fields) in csv.Rows)
        {
            string name = fields[image];
            string? id = byPath.GetValueOrDefault(name) ?? (images.ContainsKey(name) ? name : null) ?? (byName[name].Count() == 1 ? byName[name].First() : null);
            if (id is null)
            {
                unknown.Add(name);
                continue;
            }

            float[] values = Array.ConvertAll(columns, column => Value(label, classes, fields[column], $"{csv.Path}, line {line}", csv.Columns[column]));
            bool known = label.Label.Kind switch { LabelKind.Class => values[0] >= 0, LabelKind.Attributes => values.Any(static v => v != 255), _ => values.Any(float.IsFinite) };
            if (known && !rows.TryAdd(id, LabelSource.Of(values)))
            {
                throw new DataException($"{csv.Path}, line {line}: image {Shown.Of(name)} stands in the table a second time; remove one line");
            }
        }

        FolderListing.AddNotice(notices, table.File, unknown, "line without an image", "passed over", "lines without an image");
        return rows;
    }

    private static float Value(FolderLabel label, Dictionary<string, int> classes, string field, string where, string column)
    {
        bool empty = field.Length == 0;
        switch (label.Label.Kind)
        {
            case LabelKind.Class when empty:
                return -1;
            case LabelKind.Class when classes.TryGetValue(field, out int c):
                return c;
            case LabelKind.Class when classes.Count == 0 && int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < label.Classes:
                return number;
            case LabelKind.Class:
                throw new DataException($"{where}: {Shown.Of(field)} in column {Shown.Of(column)} is no class of task {label.Task.Name}; expected {(classes.Count > 0 ? string.Join(", ", label.Names) : $"0 to {label.Classes - 1}")}, or nothing where it is not known");
            case LabelKind.Attributes:
                return empty ? 255 : field.ToUpperInvariant() switch
                {
                    "1" or "YES" or "TRUE" => 1,
                    "0" or "-1" or "NO" or "FALSE" => 0,
                    _ => throw new DataException($"{where}: {Shown.Of(field)} in column {Shown.Of(column)} is neither yes nor no; expected 1, yes or true, or 0, -1, no or false, or nothing where it is not known"),
                };
            default:
                return empty ? float.NaN
                    : double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? (float)((value + label.Task.Offset) * label.Task.Scale)
                    : throw new DataException($"{where}: {Shown.Of(field)} in column {Shown.Of(column)} is no number; expected one such as 12.5, or nothing where it is not known");
        }
    }
}
