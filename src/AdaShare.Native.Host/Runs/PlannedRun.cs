using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Runs;

/// <summary>A run that is about to start or to go on.</summary>
/// <param name="Config">Its configuration, checked.</param>
/// <param name="Folder">Where its files go.</param>
/// <param name="Resumes">Whether it goes on from the folder's last checkpoint.</param>
/// <param name="Notices">What is worth a line.</param>
public sealed record PlannedRun(RunConfig Config, RunFolder Folder, bool Resumes, IReadOnlyList<string> Notices)
{
    /// <summary>The steps that its final training had where it goes on with more, which <see cref="Config"/> has already; null where it is not extended.</summary>
    public long? ExtendsFrom { get; init; }

    /// <summary>Whether the folder's config.yaml is of before the run was extended, and is written again.</summary>
    public bool RewritesConfiguration { get; init; }
}
