namespace AdaShare.Native.Learning.Training;

/// <summary>Where the files of a run lie.</summary>
/// <param name="path">The run's folder.</param>
public sealed class RunFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The complete configuration, from which the run can be repeated.</summary>
    public string Config => System.IO.Path.Combine(Path, "config.yaml");

    /// <summary>One JSON object a logged step.</summary>
    public string Log => System.IO.Path.Combine(Path, "log.jsonl");

    /// <summary>The learnt distribution and the sampled policies.</summary>
    public string Policy => System.IO.Path.Combine(Path, "policy.json");

    /// <summary>What each part of the data holds.</summary>
    public string Data => System.IO.Path.Combine(Path, "data.json");

    /// <summary>Held by the process that trains in the folder.</summary>
    public string Lock => System.IO.Path.Combine(Path, "run.lock");

    /// <summary>The results.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.json");

    /// <summary>The results that a run had before it was extended.</summary>
    /// <param name="steps">The steps that its final training had then.</param>
    public string MetricsAfter(long steps) => System.IO.Path.Combine(Path, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"metrics_{steps}.json"));

    /// <summary>The checkpoint from which a run goes on.</summary>
    public string Latest => Checkpoint("latest");

    /// <summary>A model checkpoint: for AdaShare <c>warmup</c>, <c>policy_best</c>, <c>policy_latest</c>, <c>retrain_0</c> …; for methods that train once <c>final</c>, and <c>final_</c> with a task's name for a part that is kept by itself; <c>last_</c> with a phase and its index for the state after the last step of a final training.</summary>
    public string Checkpoint(string name) => System.IO.Path.Combine(Path, "checkpoints", name + ".safetensors");

    /// <summary>Whether a file is one that the run keeps and goes on from, or lies among its checkpoints: nothing else may write there.</summary>
    /// <param name="file">The file's path.</param>
    public bool Keeps(string file)
    {
        string full = System.IO.Path.GetFullPath(file);
        return ((string[])[Config, Log, Policy, Data, Lock, Metrics]).Any(own => System.IO.Path.GetFullPath(own) == full) || IsFormerMetrics(full)
            || System.IO.Path.GetDirectoryName(full) == System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Latest));
    }

    private bool IsFormerMetrics(string full) => System.IO.Path.GetFileName(full) is var name && name.StartsWith("metrics_", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)
        && long.TryParse(name["metrics_".Length..^".json".Length], out long steps) && System.IO.Path.GetFullPath(MetricsAfter(steps)) == full;
}
