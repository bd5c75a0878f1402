using System.Globalization;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Where the label of one image is: in a file, or said already.</summary>
/// <param name="File">The path of the file; null where the values are known.</param>
/// <param name="Values">The values; empty where they lie in a file.</param>
internal readonly record struct LabelSource(string? File, float[] Values)
{
    /// <summary>A label in a file.</summary>
    public static LabelSource Of(string file) => new(file, []);

    /// <summary>A label that is known.</summary>
    public static LabelSource Of(params float[] values) => new(null, values);
}

/// <summary>An image with its labels.</summary>
/// <param name="Id">Its path in the folder, without its ending.</param>
/// <param name="Image">Its file.</param>
/// <param name="Labels">Its labels by task; a task that has none is left out.</param>
internal sealed record FolderExample(string Id, string Image, IReadOnlyDictionary<string, LabelSource> Labels);

/// <summary>A task with what its labels mean once the folder is known.</summary>
/// <param name="Task">What the description says.</param>
/// <param name="Label">The label.</param>
/// <param name="Names">The names of classes, properties or numbers; empty where there are none.</param>
/// <param name="Classes">The number of classes, of properties or of numbers; the channels of planes.</param>
internal sealed record FolderLabel(FolderTask Task, Label Label, IReadOnlyList<string> Names, int Classes)
{
    /// <summary>What decides the values that are read of its files, in words; see <see cref="IDataset.Reading"/>.</summary>
    public string Reading
    {
        get
        {
            string ignore = Task.Ignore is double value ? value.ToString("R", CultureInfo.InvariantCulture) : "none";
            string colors = string.Concat(Task.Colors.Select(static color => string.Create(CultureInfo.InvariantCulture, $" #{color.R:x2}{color.G:x2}{color.B:x2}")));
            return string.Create(CultureInfo.InvariantCulture, $"{Task.Name}: ignore {ignore}, offset {Task.Offset:R}, scale {Task.Scale:R}, classes {string.Join(' ', Names)}, colours{colors}");
        }
    }
}
