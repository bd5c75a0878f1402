using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Verification;

/// <summary>A step of a golden run.</summary>
/// <param name="Phase"><c>warmup</c>, <c>weights</c> or <c>policy</c>.</param>
/// <param name="OpenBlocks">The last blocks whose gates are sampled; null in the warm-up.</param>
public sealed record GoldenStep(string Phase, int? OpenBlocks);

/// <summary>The fixed policy and the images of a golden run's evaluation.</summary>
/// <param name="Ids">Images.</param>
/// <param name="Skip">[task][block]: whether the block is skipped.</param>
public sealed record GoldenEvaluation(IReadOnlyList<string> Ids, bool[][] Skip);

/// <summary>
/// A golden file: the configuration of a recorded run of the official implementation, and what it computed in double and in single precision.
/// </summary>
public sealed class GoldenFile
{
    private GoldenFile(string path, JsonElement root)
    {
        Path = path;
        JsonElement config = root.Member("config");
        Backbone = Text(config, "backbone");
        Tasks = [.. config.Member("tasks").EnumerateArray().Select(static e => e.GetString()!)];
        Classes = [.. config.Member("classes").EnumerateArray().Select(static e => e.GetInt32())];
        Lambdas = [.. config.Member("lambdas").EnumerateArray().Select(static e => e.GetDouble())];
        LearningRate = config.Member("lr").GetDouble();
        BackboneLearningRate = config.Member("backbone_lr").GetDouble();
        SparsityWeight = config.Member("reg_w").GetDouble();
        SharingWeight = config.Member("reg_w_hamming").GetDouble();
        Temperature = config.Member("tau").GetDouble();
        Ids = [.. config.Member("ids").EnumerateArray().Select(static e => e.GetString()!)];
        (Row, Column) = (config.Member("y").GetInt32(), config.Member("x").GetInt32());
        (Height, Width) = (config.Member("h").GetInt32(), config.Member("w").GetInt32());
        Steps = [.. config.Member("steps").EnumerateArray().Select(static e => new GoldenStep(e.Item(0).GetString()!, e.Item(1).ValueKind == JsonValueKind.Null ? null : e.Item(1).GetInt32()))];
        Evaluation = config.TryGetProperty("eval", out JsonElement eval) && eval.ValueKind == JsonValueKind.Object
            ? new GoldenEvaluation(
                [.. eval.Member("ids").EnumerateArray().Select(static e => e.GetString()!)],
                [.. eval.Member("skip").EnumerateArray().Select(static row => row.EnumerateArray().Select(static e => e.GetInt32() == 1).ToArray())])
            : null;
        Scenes = GoldenScenes.Of(config);
        Double = root.Member("float64");
        Single = root.Member("float32");
        if (Fault() is { } fault)
        {
            throw new FormatException(fault);
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The backbone's name.</summary>
    public string Backbone { get; }

    /// <summary>The tasks' names.</summary>
    public IReadOnlyList<string> Tasks { get; }

    /// <summary>Output channels of each task.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Loss weights of each task.</summary>
    public IReadOnlyList<double> Lambdas { get; }

    /// <summary>The heads' learning rate.</summary>
    public double LearningRate { get; }

    /// <summary>The backbone's learning rate.</summary>
    public double BackboneLearningRate { get; }

    /// <summary>The weight of the sparsity loss.</summary>
    public double SparsityWeight { get; }

    /// <summary>The weight of the sharing loss.</summary>
    public double SharingWeight { get; }

    /// <summary>The Gumbel temperature.</summary>
    public double Temperature { get; }

    /// <summary>The images of every step.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The crop's first row in step 0; step k adds 16 k.</summary>
    public int Row { get; }

    /// <summary>The crop's first column in step 0; step k adds 16 k.</summary>
    public int Column { get; }

    /// <summary>The crop's rows.</summary>
    public int Height { get; }

    /// <summary>The crop's columns.</summary>
    public int Width { get; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<GoldenStep> Steps { get; }

    /// <summary>The procedural scenes that the run was recorded on; null where it needs other images.</summary>
    public GoldenScenes? Scenes { get; }

    /// <summary>The evaluation, if there is one.</summary>
    public GoldenEvaluation? Evaluation { get; }

    /// <summary>What was computed in double precision: the truth.</summary>
    public JsonElement Double { get; }

    /// <summary>What was computed in single precision: how far rounding alone drifts.</summary>
    public JsonElement Single { get; }

    /// <summary>The golden run that comes with the program: three tasks on procedural scenes, so that nothing else is needed.</summary>
    public static GoldenFile BuiltIn()
    {
        const string name = "scenes_3task_resnet18.json";
        using Stream stream = typeof(GoldenFile).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse(name, bytes.ToArray);
    }

    /// <summary>Reads a golden file.</summary>
    /// <exception cref="DataException">The file is missing, damaged, or not of this form.</exception>
    public static GoldenFile Read(string path) => Parse(path, () =>
    {
        using FileStream file = RegularFile.Open(path);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    });

    private static GoldenFile Parse(string path, Func<byte[]> read)
    {
        try
        {
            return GoldenJson.Explain(path, () =>
            {
                using JsonDocument document = JsonDocument.Parse(read());
                return new GoldenFile(path, document.RootElement.Clone());
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give a golden file", error);
        }
        catch (InvalidOperationException error)
        {
            throw new DataException($"{path}: is no golden file (a value of config is of another kind than it should be: {error.Message.TrimEnd('.')}); restore the file", error);
        }
    }

    /// <summary>What can't be in a file that was recorded; null where nothing is.</summary>
    private string? Fault()
    {
        int blocks = Evaluation is { Skip: [var first, ..] } ? first.Length : 0;
        return Tasks.Count == 0 || Tasks.Any(static task => task is null) ? "config has no tasks"
            : Classes.Count != Tasks.Count || Lambdas.Count != Tasks.Count ? $"config has {Tasks.Count} tasks, {Classes.Count} classes and {Lambdas.Count} lambdas"
            : (Ids.Count == 0 && Steps.Count > 0) || Ids.Any(static id => id is null) ? "config has no images"
            : Steps.Any(static step => step.Phase is null) ? "a step has no phase"
            : Row < 0 || Column < 0 || Height < 1 || Width < 1 ? $"the crop of config begins at {Row}, {Column} and has {Height} x {Width} pixels"
            : Evaluation is { } eval && (eval.Ids.Any(static id => id is null) || eval.Skip.Length != Tasks.Count || eval.Skip.Any(row => row.Length != blocks)) ? "eval of config has not an image, or not a row of decisions for each task"
            : null;
    }

    private static string Text(JsonElement element, string name) => element.Member(name).GetString() ?? string.Empty;
}
