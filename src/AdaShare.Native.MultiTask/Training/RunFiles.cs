using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>The content of policy.json.</summary>
public sealed class PolicyFile
{
    /// <summary>The tasks' names.</summary>
    public IReadOnlyList<string> Tasks { get; set; } = [];

    /// <summary>The probability that a task runs a block [task][block].</summary>
    public double[][] Probability { get; set; } = [];

    /// <summary>The likelier decision [task][block]: whether the block runs.</summary>
    public bool[][] ArgMax { get; set; } = [];

    /// <summary>The policies that were sampled and retrained [policy][task][block].</summary>
    public bool[][][] Sampled { get; set; } = [];

    /// <summary>The index in <see cref="Sampled"/> of the policy that was best on the validation part; null until it is known.</summary>
    public int? Selected { get; set; }

    /// <summary>Reads a run's policy.json.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public static PolicyFile Read(string path) => RunFileReader.Read(path, RunJson.Default.PolicyFile);

    /// <summary>Writes the file atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.PolicyFile));
}

/// <summary>The content of metrics.json: metrics by task and name, on the test part.</summary>
public sealed class MetricsFile
{
    /// <summary>The hard-sharing network at the end of the warm-up.</summary>
    public Dictionary<string, Dictionary<string, double>> WarmUp { get; set; } = [];

    /// <summary>The retrained network of the policy that was best on the validation part.</summary>
    public Dictionary<string, Dictionary<string, double>> Retrained { get; set; } = [];

    /// <summary>The mean over all retrained policies.</summary>
    public Dictionary<string, Dictionary<string, double>> RetrainedMean { get; set; } = [];

    /// <summary>The standard deviation over all retrained policies (n - 1; 0 for one).</summary>
    public Dictionary<string, Dictionary<string, double>> RetrainedStd { get; set; } = [];

    /// <summary>The constant predictors.</summary>
    public Dictionary<string, Dictionary<string, double>> Trivial { get; set; } = [];

    /// <summary>The most bytes of the device that were live at once in a training step of each phase (<c>warm_up</c>, <c>search</c>, <c>retrain</c>).</summary>
    public Dictionary<string, long> PeakBytes { get; set; } = [];

    /// <summary>The selected policy.</summary>
    public PolicySummary Policy { get; set; } = new();

    /// <summary>Its cost.</summary>
    public CostSummary Cost { get; set; } = new();

    /// <summary>Reads a run's metrics.json.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public static MetricsFile Read(string path) => RunFileReader.Read(path, RunJson.Default.MetricsFile);

    /// <summary>Writes the file atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.MetricsFile));
}

/// <summary>The policy in metrics.json.</summary>
public sealed class PolicySummary
{
    /// <summary>The blocks that each task skips, from 0, by the task's name.</summary>
    public Dictionary<string, int[]> Skipped { get; set; } = [];

    /// <summary>The index of the policy among the sampled ones.</summary>
    public int Selected { get; set; }

    /// <summary>Its validation score: the mean relative gain over the warm-up network in percent.</summary>
    public double Score { get; set; }
}

/// <summary>The cost in metrics.json; multiply-adds are of one image of the given size.</summary>
public sealed class CostSummary
{
    /// <summary>Rows.</summary>
    public int Height { get; set; }

    /// <summary>Columns.</summary>
    public int Width { get; set; }

    /// <summary>Parameters of the backbone.</summary>
    public long BackboneParameters { get; set; }

    /// <summary>Parameters of the heads.</summary>
    public long HeadParameters { get; set; }

    /// <summary>Multiply-adds of the backbone under the policy, all tasks.</summary>
    public long BackboneMultiplyAdds { get; set; }

    /// <summary>Multiply-adds of the backbone if every task ran every block.</summary>
    public long FullBackboneMultiplyAdds { get; set; }

    /// <summary>Multiply-adds of the heads.</summary>
    public long HeadMultiplyAdds { get; set; }
}

/// <summary>Reads the JSON files of a run.</summary>
internal static class RunFileReader
{
    public static T Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the folder of a run that got so far", error);
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}: is damaged ({error.Message}); resume the run to write it again", error);
        }
    }
}
