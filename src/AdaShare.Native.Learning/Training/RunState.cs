using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Learning.Training;

/// <summary>
/// Where a run stands and what it has found so far: with the tensors of a checkpoint, all that is needed to go on. Schedules, random numbers and the position in the data are
/// functions of phase, index and step; what only the method knows lies in <see cref="Method"/>.
/// </summary>
public sealed class RunState
{
    /// <summary>The phase of a run that has none left.</summary>
    public const string Done = "done";

    /// <summary>The phase, by its name in files; empty before the first.</summary>
    public string Phase { get; set; } = "";

    /// <summary>Which of several phases of that name, from 0.</summary>
    public int Index { get; set; }

    /// <summary>Steps done in the phase.</summary>
    public long Step { get; set; }

    /// <summary>Whether what follows the last step, such as its validation, was interrupted and is still to be done.</summary>
    public bool AfterStepDue { get; set; }

    /// <summary>The length of log.jsonl when the checkpoint was written; what comes after it is done again.</summary>
    public long LogLength { get; set; }

    /// <summary>
    /// The best validation scores in the phase, one for each part of the model that is kept by itself; the last one where the phase's last network is its result. Absent before the first
    /// validation.
    /// </summary>
    public Dictionary<string, BestSoFar> Best { get; set; } = [];

    /// <summary>What scores refer to, whatever the method: the best constant answers on the validation part.</summary>
    public Dictionary<string, Dictionary<string, double>> Reference { get; set; } = [];

    /// <summary>The largest <see cref="StepRecord.PeakBytes"/> of each phase so far, by the phase's name in files.</summary>
    public Dictionary<string, long> PeakBytes { get; set; } = [];

    /// <summary>What each phase has spent so far, by the phase's name in files.</summary>
    public Dictionary<string, PhaseBudget> Budget { get; set; } = [];

    /// <summary>What the weighting has learnt in the phase; null before its first step, and where the lambdas stand as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightingState? Weighting { get; set; }

    /// <summary>The weights of the tasks in each phase so far, by the phase's name in files; null where the lambdas stand as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, PhaseWeights>? Weights { get; set; }

    /// <summary>What fresh networks of the run start from, which its checkpoint <c>init</c> holds; null where they start from their seeds alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightRecord? Init { get; set; }

    /// <summary>The final trainings that have come to their last step, in their order: each has a checkpoint of the state after it, see <see cref="PhaseInfo.IsFinal"/>. Null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<PhasePlace>? Ended { get; set; }

    /// <summary>Of an extended run the final trainings that had been begun before and are still to go on, in their order; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<PhasePlace>? GoesOn { get; set; }

    /// <summary>The steps that the final training had before each extension of the run; null where it was never extended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<long>? Extended { get; set; }

    /// <summary>What the method has found.</summary>
    public JsonElement? Method { get; set; }

    /// <summary>Which run it is: a digest of its configuration and its data. Checkpoints of another run are refused.</summary>
    public string Run { get; set; } = "";

    /// <summary>The digest of the data that it was trained with so far, see <see cref="DataManifest.Digest"/>; empty in states of versions that kept none.</summary>
    public string Data { get; set; } = "";

    /// <summary>The policy of the run, of which policy.json is a copy; null where it has none, or none yet.</summary>
    public PolicyFile? Policy { get; set; }

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.RunState);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <exception cref="CheckpointException">The text is no run state.</exception>
    public static RunState FromJson(string json, string path)
    {
        try
        {
            RunState state = JsonSerializer.Deserialize(json, RunJson.Default.RunState) ?? throw new JsonException("it is null");
            return state.Fault() is { } fault ? throw new JsonException(fault) : state;
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"{path}: its run state is damaged ({error.Message}); restore the file from a copy", error);
        }
    }

    /// <summary>What can't be in a state that a run has written; null where nothing is.</summary>
    private string? Fault()
    {
        static bool Sound(PhaseBudget budget) => budget is { WeightSteps: >= 0, OtherSteps: >= 0, Images: >= 0 } && double.IsFinite(budget.MultiplyAdds) && double.IsFinite(budget.Seconds);
        return Step < 0 ? $"step is {Step}"
            : Index < 0 ? $"index is {Index}"
            : LogLength < 0 ? $"log_length is {LogLength}"
            : Best.Values.Any(static best => best is null || !double.IsFinite(best.Score) || best.Step < 0) ? "a best score is missing, not a number, or of a negative step"
            : Reference.Values.Any(static metrics => metrics is null) ? "a task has no reference"
            : !Budget.Values.All(Sound) ? "a budget is negative or not a number"
            : PeakBytes.Values.Any(static peak => peak < 0) ? "peak_bytes is negative"
            : Policy?.Fault() is { } fault ? $"of its policy: {fault}"
            : Weighting is { } weighting && (weighting.Steps < 0 || weighting.Learnt.Values.Any(static numbers => numbers is null)) ? "what the weighting has learnt is incomplete"
            : Extended?.Any(static steps => steps < 1) == true ? "it was extended from less than one step"
            : (Ended ?? []).Concat(GoesOn ?? []).Any(static place => place?.Phase is null || place.Index < 0) ? "a final training has no name"
            : Weights?.Values.Any(static weights => weights is not { Steps: > 0 }) == true ? "a phase has no weights"
            : null;
    }
}

/// <summary>The best validation so far.</summary>
/// <param name="Score">Its score.</param>
/// <param name="Step">Its step.</param>
public sealed record BestSoFar(double Score, long Step);

/// <summary>A network that was measured on the test part.</summary>
public sealed class TestResult
{
    /// <summary>The validation score of the checkpoint that was kept; null where there was no validation with a score.</summary>
    public double? Score { get; set; }

    /// <summary>The step of that checkpoint.</summary>
    public long Step { get; set; }

    /// <summary>Metrics on the test part, by task and name.</summary>
    public Dictionary<string, Dictionary<string, double>> Metrics { get; set; } = [];

    /// <summary>Metrics of single classes, by task and class; only for tasks that have classes.</summary>
    public Dictionary<string, Dictionary<string, double>> Classes { get; set; } = [];

    /// <summary>What the images decided and what that costs; null where the network decides nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DecisionCost? Decisions { get; set; }
}

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DataManifest))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(PolicyFile))]
[JsonSerializable(typeof(MetricsFile))]
internal sealed partial class RunJson : JsonSerializerContext;
