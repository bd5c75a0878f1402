using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Metrics;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>
/// Where a run stands and what it has found so far: with the tensors of a checkpoint, all that is needed to go on. Schedules, temperature, curriculum, random
/// numbers and the position in the data are functions of phase, policy and step.
/// </summary>
public sealed class RunState
{
    /// <summary>The phase.</summary>
    public RunPhase Phase { get; set; }

    /// <summary>Which sampled policy is retrained.</summary>
    public int Policy { get; set; }

    /// <summary>Steps done in the phase.</summary>
    public long Step { get; set; }

    /// <summary>The length of log.jsonl when the checkpoint was written; what comes after it is done again.</summary>
    public long LogLength { get; set; }

    /// <summary>The Gumbel temperature of the next search step, for readers of the checkpoint.</summary>
    public double Temperature { get; set; }

    /// <summary>The open blocks of the next search step, for readers of the checkpoint.</summary>
    public int OpenBlocks { get; set; }

    /// <summary>The best validation score in the phase, if there was a validation.</summary>
    public double? BestScore { get; set; }

    /// <summary>The step of <see cref="BestScore"/>.</summary>
    public long BestStep { get; set; }

    /// <summary>The step of the last validation of the search.</summary>
    public long LastValidation { get; set; }

    /// <summary>The warm-up network on the validation part: the reference of every score.</summary>
    public Dictionary<string, Dictionary<string, double>> Reference { get; set; } = [];

    /// <summary>The warm-up network on the test part.</summary>
    public Dictionary<string, Dictionary<string, double>> WarmUp { get; set; } = [];

    /// <summary>The largest <see cref="StepRecord.PeakBytes"/> of each phase so far, by the phase's name in metrics.json.</summary>
    public Dictionary<string, long> PeakBytes { get; set; } = [];

    /// <summary>The probabilities from which policies were sampled [task][block].</summary>
    public double[][] Distribution { get; set; } = [];

    /// <summary>The sampled policies [policy][task][block]: whether the block runs.</summary>
    public bool[][][] Policies { get; set; } = [];

    /// <summary>The results of the policies that have been retrained.</summary>
    public List<RetrainResult> Retrained { get; set; } = [];

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.RunState);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <exception cref="CheckpointException">The text is no run state.</exception>
    public static RunState FromJson(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RunJson.Default.RunState) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"{path}: its run state is damaged ({error.Message}); resume from another checkpoint", error);
        }
    }
}

/// <summary>What the retraining of one policy gave.</summary>
/// <param name="Score">The validation score of the checkpoint that was kept, in percent over the warm-up network.</param>
/// <param name="Step">The step of that checkpoint.</param>
/// <param name="Test">Its metrics on the test part.</param>
public sealed record RetrainResult(double Score, long Step, Dictionary<string, Dictionary<string, double>> Test);

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(PolicyFile))]
[JsonSerializable(typeof(MetricsFile))]
internal sealed partial class RunJson : JsonSerializerContext;
