using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>What tasks that speak of images (or texts) as a whole say of them: a line for each image, task and class (property, number).</summary>
/// <param name="inputs">Images or texts, after which the first column is called.</param>
public sealed class PredictionTable(InputKind inputs)
{
    /// <summary>The file beside the pictures.</summary>
    public const string FileName = "predictions.csv";

    private readonly StringBuilder _text = new($"{(inputs == InputKind.Text ? "text" : "image")},task,name,value\n");

    /// <summary>Adds what a task says of an image.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="task">The task.</param>
    /// <param name="prediction">Probabilities of classes or properties, or numbers.</param>
    /// <param name="names">The names of the channels; numbers stand in where there are none.</param>
    public void Add(string image, TaskSpec task, Plane prediction, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(names);
        for (int c = 0; c < prediction.Channels; c++)
        {
            string name = c < names.Count ? names[c] : c.ToString(CultureInfo.InvariantCulture);
            _text.Append(Quoted(image)).Append(',').Append(Quoted(task.Name)).Append(',').Append(Quoted(name)).Append(',').Append(prediction.Values[c].ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }

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
