using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Runs;

/// <summary>The configuration of a run that was started before: config.yaml, and the copy of it in the checkpoints.</summary>
public static class StoredConfiguration
{
    private const string LengthKey = "train.retrain_total_iters";

    // What decides neither what a run learns nor what it is measured on.
    private static readonly string[] MayDiffer = ["train.resume", "train.retrain_resume", "train.recompute", "train.keep_last", "dataload.dataroot", "dataload.cache", "dataload.workers", "paths.log_dir", "paths.result_dir", "paths.checkpoint_dir"];

    /// <summary>What to read a run's configuration from: config.yaml, or the last checkpoint where that file is lost, or of before the run was extended (a process was killed between the two).</summary>
    /// <param name="folder">The run.</param>
    /// <param name="data">The folder of <c>--data</c>, or null.</param>
    /// <exception cref="AdaShareException">Neither is there.</exception>
    public static ConfigRequest Request(RunFolder folder, string? data = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (File.Exists(folder.Config) && !IsOfBefore(folder))
        {
            return new ConfigRequest(folder.Config, null, [], data);
        }

        return RunRecord.Read(folder)?.Label.Configuration is { Length: > 0 } text
            ? new ConfigRequest(null, null, [], data) { Stored = (text, Source(folder.Latest)) }
            : throw new DataException($"{folder.Config}: is missing, and no checkpoint of the run has a copy of it; bring it back");
    }

    /// <summary>The keys, of those that matter, in which config.yaml (or the configuration that stands for it) and the copy in a checkpoint differ.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="copy">The copy.</param>
    /// <param name="checkpoint">The checkpoint, for messages.</param>
    /// <param name="extended">The lengths that the run's final training had before it was extended, by which two configurations of it may differ.</param>
    public static IReadOnlyList<string> Differences(RunFolder folder, string copy, string checkpoint, IReadOnlyList<long> extended)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.Config))
        {
            return [];
        }

        return Differences(Read(folder.Config), copy, checkpoint, extended);
    }

    /// <summary>The keys, of those that matter, in which a configuration and the copy in a checkpoint differ.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="copy">The copy.</param>
    /// <param name="checkpoint">The checkpoint, for messages.</param>
    /// <param name="extended">The lengths that the run's final training had before it was extended, by which two configurations of it may differ.</param>
    public static IReadOnlyList<string> Differences(RunConfig config, string copy, string checkpoint, IReadOnlyList<long> extended)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(extended);
        var then = new ConfigReader();
        then.ReadText(copy, Source(checkpoint));
        bool mayBeLonger = extended.Contains(Math.Min(then.Config.Train.FinalSteps, config.Train.FinalSteps));
        return [.. Differences(then.Config, config).Where(key => key != LengthKey || !mayBeLonger)];
    }

    /// <summary>The keys, of those that matter, in which two configurations differ.</summary>
    public static IReadOnlyList<string> Differences(RunConfig then, RunConfig now)
    {
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(now);
        return then.Method != now.Method ? ["method"] : [.. ConfigSection.Differences(then, now).Where(static key => !MayDiffer.Contains(key))];
    }

    /// <summary>Whether config.yaml has a length of the final training that the run had before it was extended.</summary>
    /// <param name="folder">The run.</param>
    public static bool IsOfBefore(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return File.Exists(folder.Config) && RunRecord.Read(folder)?.Label.Extended is { Count: > 0 } extended && extended.Contains(Read(folder.Config).Train.FinalSteps);
    }

    private static RunConfig Read(string path)
    {
        var reader = new ConfigReader();
        reader.ReadFile(path);
        return reader.Config;
    }

    private static string Source(string checkpoint) => $"the configuration in {checkpoint}";
}
