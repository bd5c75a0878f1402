using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What the policies of a run are called: it matters whether figures are of a sampled policy or of the most likely one.</summary>
public static class PolicyNames
{
    /// <summary>The policy of the likelier decision of every block.</summary>
    public const string MostLikely = "the most likely policy";

    /// <summary>The policy of the final network.</summary>
    /// <param name="policy">The run's policies.</param>
    /// <param name="config">The run's configuration.</param>
    public static string Final(PolicyFile policy, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Selected is { } selected ? Sampled(policy, selected, config) : MostLikely;
    }

    /// <summary>One of the policies that were trained.</summary>
    /// <param name="policy">The run's policies.</param>
    /// <param name="index">Which of <see cref="PolicyFile.Sampled"/>, from 0.</param>
    /// <param name="config">The run's configuration.</param>
    public static string Sampled(PolicyFile policy, int index, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(config);
        return !IsLearnt(policy) ? "the policy that the run was given"
            : policy.Sampled.Length > 1 ? $"sampled policy {index + 1} of {policy.Sampled.Length}"
            : config.Options<AdaShareOptions>().PoliciesFrom == AdaShareOptions.ArgMax ? MostLikely
            : "the sampled policy";
    }

    /// <summary>Whether the policies come of learnt probabilities, instead of being given or drawn beforehand.</summary>
    public static bool IsLearnt(PolicyFile policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Probability.Length == 0 || policy.Sampled.Length != 1 || Array.Exists(policy.Probability, static row => Array.Exists(row, static p => p is > 0 and < 1));
    }
}
