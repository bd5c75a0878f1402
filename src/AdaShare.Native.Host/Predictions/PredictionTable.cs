using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Predictions;

/// <summary>What tasks that speak of images (or texts) as a whole say of them, a line for each image, task and class (property, number); and where labels are known, how far each task is off.</summary>
/// <param name="inputs">Images or texts, after which the first column is called.</param>
public sealed class PredictionTable(InputKind inputs)
{
    /// <summary>The file beside the pictures.</summary>
    public const string FileName = "predictions.csv";

    private readonly StringBuilder _text = new($"{(inputs == InputKind.Text ? "text" : "image")},task,name,value\n");

    /// <summary>Adds lines that <see cref="Lines"/> and <see cref="ErrorLine"/> made.</summary>
    public void Add(string lines) => _text.Append(lines);

    /// <summary>What a task says of an image.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="task">The task.</param>
    /// <param name="prediction">Probabilities of classes or properties, or numbers.</param>
    /// <param name="names">The names of the channels; numbers stand in where there are none.</param>
    public static string Lines(string image, TaskSpec task, Plane prediction, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(names);
        return string.Concat(Enumerable.Range(0, prediction.Channels).Select(c => Line(image, task, c < names.Count ? names[c] : c.ToString(CultureInfo.InvariantCulture), prediction.Values[c])));
    }

    /// <summary>How far a task is off for an image: a line whose name is what was measured, with its unit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="task">The task.</param>
    /// <param name="error">The mean error; nothing is said where the label says nothing.</param>
    public static string ErrorLine(string image, TaskSpec task, MeanError error)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(error);
        return error.Pixels == 0 ? "" : Line(image, task, error.Unit.Length > 0 ? $"{error.Title} ({error.Unit})" : error.Title, (float)error.Mean);
    }

    private static string Line(string image, TaskSpec task, string name, float value) =>
        $"{Quoted(image)},{Quoted(task.Name)},{Quoted(name)},{value.ToString("R", CultureInfo.InvariantCulture)}\n";

    /// <summary>Writes the file whole.</summary>
    /// <exception cref="DataException">It can't be written.</exception>
    public void Write(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(_text.ToString())));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be written ({e.Message.TrimEnd('.')}); choose another --out", e);
        }
    }

    /// <summary>A field of a CSV file (RFC 4180).</summary>
    private static string Quoted(string field) => field.AsSpan().IndexOfAny(',', '"', '\n') < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
