using AdaShare.Native.Methods.FixedPolicy;

namespace AdaShare.Native.Methods.RandomPolicy;

/// <summary>The keys of section <c>random_policy</c>: give <c>share</c>, or a policy by <c>file</c> or <c>skip</c>, as many of whose blocks are skipped.</summary>
public sealed class RandomPolicyOptions
{
    /// <summary>The share of the blocks that each task skips, from 0 up to, not including, 1; rounded to whole blocks (halves up), of which at least one always runs.</summary>
    public double? Share { get; set; }

    /// <summary>A policy.json, or the folder of a run that has one: each task skips as many blocks as there. It is read when a run begins.</summary>
    public string? File { get; set; }

    /// <summary>Which policy of the file: <c>selected</c> (the best on the validation part), <c>arg_max</c> (the likelier decisions), or the index of a sampled one, from 0.</summary>
    public string Which { get; set; } = "selected";

    /// <summary>A policy such as <c>seg:6;sn:9,10,11</c>: each task skips as many blocks as there (all of them where that policy skips all).</summary>
    public string? Skip { get; set; }

    internal PolicySource Source => new("random_policy", File, Skip, Which);
}
