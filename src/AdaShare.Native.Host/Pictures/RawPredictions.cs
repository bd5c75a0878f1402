using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>
/// Predictions as numbers for other programs: class indices of pixels as grey PNG of 8 bits, other pixels as .npy, float32 [H, W] or [H, W, channels]; and one index of all in JSON, which also
/// has what is said of images as a whole.
/// </summary>
/// <param name="checkpoint">The file of the network's weights, for the index.</param>
/// <param name="network">What the network is, in words.</param>
/// <param name="names">The names of the classes or channels of a label of a name; none where nobody knows.</param>
public sealed class RawPredictions(string checkpoint, string network, Func<string, IReadOnlyList<string>> names)
{
    /// <summary>The index beside the files.</summary>
    public const string IndexName = "predictions.json";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonArray _inputs = [];

    /// <summary>What a task's file is called after the stem of the image.</summary>
    public static string EndingOf(TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Label.IsOfClasses ? $"_{task.Name}_ids.png" : $"_{task.Name}.npy";
    }

    /// <summary>Writes an image's predictions of pixels, and notes all for the index.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="files">A file for each task of pixels.</param>
    /// <param name="predicted">All tasks, in order.</param>
    /// <exception cref="DataException">A file can't be written.</exception>
    public void Add(string image, IReadOnlyList<string> files, IReadOnlyList<(TaskSpec Task, Plane Prediction)> predicted)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(predicted);
        var tasks = new JsonObject();
        int file = 0;
        foreach ((TaskSpec task, Plane prediction) in predicted)
        {
            tasks[task.Name] = task.Label.IsOfImage ? OfImage(task, prediction) : OfPixels(task, prediction, files[file++]);
        }

        _inputs.Add(new JsonObject { ["input"] = image, ["tasks"] = tasks });
    }

    /// <summary>Writes the index whole.</summary>
    /// <exception cref="DataException">It can't be written.</exception>
    public void WriteIndex(string path)
    {
        string text = new JsonObject { ["checkpoint"] = checkpoint, ["network"] = network, ["predictions"] = _inputs.DeepClone() }.ToJsonString(Written) + "\n";
        try
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be written ({e.Message.TrimEnd('.')}); choose another --out", e);
        }
    }

    private JsonObject OfImage(TaskSpec task, Plane prediction) => new()
    {
        ["kind"] = task.Kind.Name,
        ["unit"] = task.Kind.Unit,
        ["names"] = Names(task),
        ["values"] = new JsonArray([.. prediction.Values.Select(static value => Number(value))]),
    };

    private JsonObject OfPixels(TaskSpec task, Plane prediction, string file)
    {
        var entry = new JsonObject { ["kind"] = task.Kind.Name, ["file"] = Path.GetFileName(file), ["unit"] = task.Kind.Unit };
        int[] shape = prediction.Channels == 1 ? [prediction.Height, prediction.Width] : [prediction.Height, prediction.Width, prediction.Channels];
        entry["shape"] = new JsonArray([.. shape.Select(static side => (JsonNode)side)]);
        if (task.Label.IsOfClasses)
        {
            // A task of pixels has at most 255 classes, since label 255 is the one that is ignored.
            Png.Write(file, new ByteImage(prediction.Width, prediction.Height, 1, Array.ConvertAll(prediction.Values, static value => checked((byte)value))));
            entry["type"] = "uint8";
            entry["classes"] = task.Channels;
            entry["names"] = Names(task);
            return entry;
        }

        NumpyArray.Write(file, shape, prediction.Values);
        entry["type"] = "float32";
        entry["min"] = Number(prediction.Values.Min());
        entry["max"] = Number(prediction.Values.Max());
        return entry;
    }

    private JsonArray Names(TaskSpec task) => new([.. names(task.Label.Name).Select(static name => (JsonNode)name)]);

    // JSON has no number for what is none.
    private static JsonNode? Number(float value) => float.IsFinite(value) ? value : null;
}
