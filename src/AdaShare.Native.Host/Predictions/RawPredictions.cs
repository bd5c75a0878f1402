using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Predictions;

/// <summary>What an index of numbers says of all of them.</summary>
/// <param name="Checkpoint">The file of the network's weights.</param>
/// <param name="Network">What the network is, in words.</param>
/// <param name="Choice">The choice of a policy that the command line made; null where it made none.</param>
/// <param name="Gates">The gates of the network.</param>
/// <param name="Tasks">The names of its tasks.</param>
public sealed record PredictedBy(string Checkpoint, string Network, string? Choice, GateTable Gates, IReadOnlyList<string> Tasks);

/// <summary>
/// Predictions as numbers for other programs: class indices of pixels as grey PNG of 8 bits and as .npy of type u1, other pixels as .npy, float32 [H, W] or [H, W, channels]; and one index of all in JSON, which also
/// has what is said of images as a whole, and where labels are known how far tasks are off.
/// </summary>
/// <param name="by">What predicts.</param>
/// <param name="names">The names of the classes or channels of a task; none where nobody knows.</param>
public sealed class RawPredictions(PredictedBy by, Func<TaskSpec, IReadOnlyList<string>> names)
{
    /// <summary>The index beside the files.</summary>
    public const string IndexName = "predictions.json";

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonArray _inputs = [];

    /// <summary>What a task's files are called after the stem of the image.</summary>
    public static IReadOnlyList<string> EndingsOf(TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Label.IsOfClasses ? [$"_{task.Name}_ids.png", $"_{task.Name}_ids.npy"] : [$"_{task.Name}.npy"];
    }

    /// <summary>Writes an image's predictions of pixels. Safe for several threads at once.</summary>
    /// <param name="planned">The image, and the files that <see cref="EndingsOf"/> names for its tasks of pixels.</param>
    /// <param name="input">The image as it was read.</param>
    /// <param name="answers">Its tasks, in order.</param>
    /// <returns>What the index says of the image, for <see cref="Add"/>.</returns>
    /// <exception cref="DataException">A file can't be written.</exception>
    public JsonObject Write(PlannedPictures planned, PredictionInput input, IReadOnlyList<(TaskSpec Task, TaskAnswer Answer)> answers)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(answers);
        if (planned.Raw.Count > 0)
        {
            PictureFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(planned.Raw[0]))!);
        }

        var tasks = new JsonObject();
        int file = 0;
        foreach ((TaskSpec task, TaskAnswer answer) in answers)
        {
            string[] files = task.Label.IsOfImage ? [] : [.. planned.Raw.Skip(file).Take(EndingsOf(task).Count)];
            file += files.Length;
            JsonObject entry = task.Label.IsOfImage ? OfImage(task, answer.Prediction) : OfPixels(task, answer.Prediction, files);
            if (MeanError.Of(answer) is { } error)
            {
                entry["error"] = new JsonObject { ["measure"] = error.Title, ["unit"] = error.Unit, ["mean"] = error.Pixels > 0 ? error.Mean : null, [task.Label.IsOfImage ? "labels" : "pixels"] = error.Pixels };
            }

            tasks[task.Name] = entry;
        }

        var said = new JsonObject { ["input"] = planned.Image };
        if (input.Stored.Kind == InputKind.Image)
        {
            said["input_size"] = new JsonArray(input.Height, input.Width);
            said["network_size"] = new JsonArray(input.Stored.Height, input.Stored.Width);
        }

        said["tasks"] = tasks;
        return said;
    }

    /// <summary>Adds to the index what <see cref="Write"/> returned.</summary>
    public void Add(JsonObject said) => _inputs.Add(said);

    /// <summary>Writes the index whole.</summary>
    /// <exception cref="DataException">It can't be written.</exception>
    public void WriteIndex(string path)
    {
        string text = new JsonObject { ["checkpoint"] = by.Checkpoint, ["network"] = by.Network, ["policy"] = Policy(), ["predictions"] = _inputs.DeepClone() }.ToJsonString(Written) + "\n";
        try
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be written ({e.Message.TrimEnd('.')}); choose another --out", e);
        }
    }

    /// <summary>What decides which blocks run, and which blocks each task skips where that is the same for every input.</summary>
    private JsonObject Policy()
    {
        var skipped = new JsonObject();
        for (int t = 0; t < by.Gates.Tasks; t++)
        {
            int task = t;
            skipped[by.Tasks[t]] = new JsonArray([.. Enumerable.Range(0, by.Gates.Blocks).Where(block => by.Gates[task, block].Kind is GateKind.Off or GateKind.Silent).Select(static block => (JsonNode)block)]);
        }

        return new JsonObject { ["choice"] = by.Choice, ["decides"] = by.Gates.IsDecided ? "the network, for each input" : by.Gates.Tasks > 0 ? "the policy" : "none: every task runs every block", ["skipped"] = by.Gates.Tasks > 0 ? skipped : null };
    }

    private JsonObject OfImage(TaskSpec task, Plane prediction) => new()
    {
        ["kind"] = task.Kind.Name,
        ["unit"] = task.Kind.Unit,
        ["names"] = Names(task),
        ["values"] = new JsonArray([.. prediction.Values.Select(static value => Number(value))]),
    };

    private JsonObject OfPixels(TaskSpec task, Plane prediction, string[] files)
    {
        var entry = new JsonObject { ["kind"] = task.Kind.Name, ["file"] = Path.GetFileName(files[0]), ["unit"] = task.Kind.Unit };
        int[] shape = prediction.Channels == 1 ? [prediction.Height, prediction.Width] : [prediction.Height, prediction.Width, prediction.Channels];
        entry["shape"] = new JsonArray([.. shape.Select(static side => (JsonNode)side)]);
        if (task.Label.IsOfClasses)
        {
            // A task of pixels has at most 255 classes, since label 255 is the one that is ignored.
            byte[] ids = Array.ConvertAll(prediction.Values, static value => checked((byte)value));
            Png.Write(files[0], new ByteImage(prediction.Width, prediction.Height, 1, ids));
            NumpyArray.WriteBytes(files[1], shape, ids);
            entry["array"] = Path.GetFileName(files[1]);
            entry["type"] = "uint8";
            entry["classes"] = task.Channels;
            entry["names"] = Names(task);
            return entry;
        }

        NumpyArray.Write(files[0], shape, prediction.Values);
        entry["type"] = "float32";
        entry["min"] = Number(prediction.Values.Min());
        entry["max"] = Number(prediction.Values.Max());
        return entry;
    }

    private JsonArray Names(TaskSpec task) => new([.. names(task).Select(static name => (JsonNode)name)]);

    // JSON has no number for what is none.
    private static JsonNode? Number(float value) => float.IsFinite(value) ? value : null;
}
