namespace AdaShare.Native.Methods.FixedPolicy;

/// <summary>The keys of section <c>fixed_policy</c>: give <c>file</c> or <c>skip</c>.</summary>
public sealed class FixedPolicyOptions
{
    /// <summary>A policy.json, or the folder of a run that has one. It is read when a run begins; the run keeps the policy in a policy.json of its own.</summary>
    public string? File { get; set; }

    /// <summary>Which policy of the file: <c>selected</c> (the best on the validation part), <c>arg_max</c> (the likelier decisions), or the index of a sampled one, from 0.</summary>
    public string Which { get; set; } = "selected";

    /// <summary>The blocks, from 0, that each task skips, for example <c>seg:6;sn:9,10,11</c>. A task may skip every block: stem and projections remain.</summary>
    public string? Skip { get; set; }

    internal PolicySource Source => new("fixed_policy", File, Skip, Which);
}
