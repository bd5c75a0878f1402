using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Learning.Training;

/// <summary>The content of policy.json, which methods with gates write.</summary>
public sealed class PolicyFile
{
    /// <summary>The tasks' names.</summary>
    public IReadOnlyList<string> Tasks { get; set; } = [];

    /// <summary>The probability that a task runs a block [task][block]; 0 or 1 where nothing was learnt, empty where nobody says.</summary>
    public double[][] Probability { get; set; } = [];

    /// <summary>The likelier decision [task][block]: whether the block runs.</summary>
    public bool[][] ArgMax { get; set; } = [];

    /// <summary>The policies that were sampled and trained [policy][task][block].</summary>
    public bool[][][] Sampled { get; set; } = [];

    /// <summary>The index in <see cref="Sampled"/> of the policy that was best on the validation part; null until it is known.</summary>
    public int? Selected { get; set; }

    /// <summary>The file of a policy that was not learnt.</summary>
    /// <param name="tasks">The tasks' names.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="isTrained">Whether its network is trained.</param>
    public static PolicyFile Of(IReadOnlyList<string> tasks, BlockPolicy policy, bool isTrained)
    {
        ArgumentNullException.ThrowIfNull(policy);
        bool[][] runs = policy.ToArray();
        double[][] certain = [.. runs.Select(static row => Array.ConvertAll(row, static run => run ? 1.0 : 0.0))];
        return new PolicyFile { Tasks = tasks, Probability = certain, ArgMax = runs, Sampled = [runs], Selected = isTrained ? 0 : null };
    }

    /// <summary>Reads a run's policy.json.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public static PolicyFile Read(string path)
    {
        PolicyFile file = RunFileReader.Read(path, RunJson.Default.PolicyFile);
        return file.Fault() is { } fault ? throw new DataException($"{path}: is damaged ({fault}); bring it back, or delete it and metrics.json and resume the run, which writes both again") : file;
    }

    /// <summary>Writes the file atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.PolicyFile));

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.PolicyFile);

    /// <summary>What can't be in a policy that a run has written; null where nothing is.</summary>
    internal string? Fault()
    {
        int blocks = ArgMax.Length > 0 ? ArgMax[0]?.Length ?? 0 : 0;
        bool Fits<T>(T[][] table) => table.Length == Tasks.Count && Array.TrueForAll(table, row => row is not null && row.Length == blocks);
        return Tasks.Count == 0 ? "it has no tasks"
            : Tasks.Any(static task => task is null) ? "a task has no name"
            : blocks == 0 || !Fits(ArgMax) ? "arg_max has not a row for each task with a decision for each block"
            : (Probability.Length > 0 && !Fits(Probability)) || Probability.Any(static row => Array.Exists(row, static p => !(p is >= 0 and <= 1))) ? "probability has not a number from 0 to 1 for each task and block"
            : Array.Exists(Sampled, sampled => sampled is null || !Fits(sampled)) ? "a sampled policy has not a decision for each task and block"
            : Selected is { } selected && (selected < 0 || selected >= Sampled.Length) ? $"policy {selected} is selected, and there are {Sampled.Length}"
            : null;
    }
}

/// <summary>The content of metrics.json: what a run found, on the test part, and what that took.</summary>
public sealed class MetricsFile
{
    /// <summary>The version of the form that this program writes; it changes where a reader of an older one would misunderstand.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of the file's form; files of versions that wrote none have the first.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>The method, by its name in the registry.</summary>
    public string Method { get; set; } = "";

    /// <summary>Where the figures come from.</summary>
    public RunProvenance Provenance { get; set; } = new();

    /// <summary>The run's final network: what it is for.</summary>
    public TestResult Final { get; set; } = new();

    /// <summary>The constant predictors: metrics by task and name.</summary>
    public Dictionary<string, Dictionary<string, double>> Trivial { get; set; } = [];

    /// <summary>Networks on the way to the final one, such as AdaShare's <c>warm_up</c>, in their order.</summary>
    public List<NamedResult> Others { get; set; } = [];

    /// <summary>The networks among which the final one was chosen, such as those of several sampled policies; empty where there was no choice.</summary>
    public List<NamedResult> Candidates { get; set; } = [];

    /// <summary>The mean over all candidates; empty where there are none.</summary>
    public Dictionary<string, Dictionary<string, double>> CandidateMean { get; set; } = [];

    /// <summary>The standard deviation over all candidates (n - 1); null for fewer than two.</summary>
    public Dictionary<string, Dictionary<string, double>>? CandidateDeviation { get; set; }

    /// <summary>The gates of the final network; null where every task runs every block.</summary>
    public PolicySummary? Policy { get; set; }

    /// <summary>The branches that each task takes through the final network, by the task's name; absent where its model has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, int[]>? Branches { get; set; }

    /// <summary>The weights that fresh networks of the run started from; null where they started from their seeds alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightRecord? Init { get; set; }

    /// <summary>How the final network was chosen where the run has no validation part to choose by; null where it has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Selection { get; set; }

    /// <summary>The most bytes of the device that were live at once in a training step of each phase, by the phase's name.</summary>
    public Dictionary<string, long> PeakBytes { get; set; } = [];

    /// <summary>What each phase spent, by the phase's name, in their order.</summary>
    public Dictionary<string, PhaseBudget> Budget { get; set; } = [];

    /// <summary>The weighting of losses, by its name in the registry; null where the lambdas stood as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Weighting { get; set; }

    /// <summary>The weights that it gave in the steps of each phase, as factors on lambdas, by the phase's name; null where the lambdas stood as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, PhaseWeights>? Weights { get; set; }

    /// <summary>Steps of the training that made the final network.</summary>
    public long FinalSteps { get; set; }

    /// <summary>The steps that the final training had before each extension of the run; null where it was never extended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<long>? Extended { get; set; }

    /// <summary>What the final network costs.</summary>
    public ModelCost Cost { get; set; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>What a hard-sharing network of the same size costs: one pass for all tasks, or one for each group of tasks with images of its own.</summary>
    public ModelCost HardSharingCost { get; set; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Reads a run's metrics.json.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public static MetricsFile Read(string path)
    {
        MetricsFile file = RunFileReader.Read(path, RunJson.Default.MetricsFile);
        if (file.Format > CurrentFormat)
        {
            throw new DataException($"{path}: is of form {file.Format}, and this version reads forms up to {CurrentFormat}; use the version that wrote it ({file.Provenance.Version}), or a later one");
        }

        return file.Fault() is { } fault ? throw new DataException($"{path}: is damaged ({fault}); bring it back, or delete it and resume the run, which writes it again") : file;
    }

    /// <summary>Writes the file atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.MetricsFile));

    /// <summary>What can't be in a file that a run has written; null where nothing is. What is null itself is refused on reading, what is null within a list is not.</summary>
    private string? Fault()
    {
        static bool Lacks<T>(Dictionary<string, T>? table) where T : class => table?.Values.Any(static entry => entry is null) == true;
        IEnumerable<NamedResult> named = Others.Concat(Candidates);
        return named.Any(static result => result is null) ? "one of the other networks is missing"
            : named.Select(static result => result.Test).Append(Final).Any(static test => Lacks(test.Metrics) || Lacks(test.Classes)) ? "a task has no metrics"
            : Lacks(Trivial) || Lacks(CandidateMean) || Lacks(CandidateDeviation) ? "a task has no metrics"
            : named.Select(static result => result.Policy).Append(Policy).Any(static policy => policy is not null && Lacks(policy.Skipped)) ? "a task's skipped blocks are missing"
            : Lacks(Budget) ? "a phase has no budget"
            : Lacks(Branches) ? "a task's branches are missing"
            : Lacks(Weights) ? "a phase has no weights"
            : null;
    }
}

/// <summary>A network beside the final one.</summary>
public sealed class NamedResult
{
    /// <summary>The name of the network under the likeliest policy, where a method trains it beside sampled ones.</summary>
    public const string ArgMaxPolicy = "retrain_arg_max";

    /// <summary>Its name in files: that of its checkpoint.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its name for people.</summary>
    public string Title { get; set; } = "";

    /// <summary>Steps that its weights were trained.</summary>
    public long Steps { get; set; }

    /// <summary>
    /// Whether it was trained only to compare the final network with. What its phase, which has its name, spent made nothing of the final network.
    /// </summary>
    public bool IsComparison { get; set; }

    /// <summary>Whether the final network is this one.</summary>
    public bool Selected { get; set; }

    /// <summary>What was measured.</summary>
    public TestResult Test { get; set; } = new();

    /// <summary>Its gates; null where every task runs every block.</summary>
    public PolicySummary? Policy { get; set; }
}

/// <summary>The gates of a network in metrics.json.</summary>
public sealed class PolicySummary
{
    /// <summary>The blocks that each task skips, from 0, by the task's name.</summary>
    public Dictionary<string, int[]> Skipped { get; set; } = [];

    /// <summary>The index of the policy among the sampled ones; null where it was not sampled.</summary>
    public int? Selected { get; set; }
}

/// <summary>Where the figures of a run come from.</summary>
public sealed class RunProvenance
{
    /// <summary>The first seed of the run.</summary>
    public long Seed { get; set; }

    /// <summary>The product's version, with the commit that it was built from.</summary>
    public string Version { get; set; } = "";

    /// <summary>The device that computed.</summary>
    public string Device { get; set; } = "";

    /// <summary>How the run rounds.</summary>
    public string Numerics { get; set; } = "";

    /// <summary>The data set.</summary>
    public string Dataset { get; set; } = "";

    /// <summary>Images of the test part, all groups together.</summary>
    public int TestImages { get; set; }
}

/// <summary>Reads the JSON files of a run.</summary>
internal static class RunFileReader
{
    public static T Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            using FileStream stream = RegularFile.Open(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the folder of a run that got so far", error);
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}: is damaged ({error.Message}); bring it back, or delete it (and metrics.json, if the run is finished) and resume the run, which writes both again", error);
        }
    }
}
