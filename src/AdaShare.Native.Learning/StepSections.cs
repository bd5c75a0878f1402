using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Learning;

/// <summary>The parts of a training step, in their order; see <see cref="Backend.EnterSection"/>.</summary>
public static class StepSections
{
    /// <summary>Images and targets on their way to the device.</summary>
    public const string Data = "data";

    /// <summary>Sampling of the gates.</summary>
    public const string Policy = "policy";

    /// <summary>The shared backbone.</summary>
    public const string Backbone = "backbone";

    /// <summary>The tasks' heads.</summary>
    public const string Heads = "heads";

    /// <summary>The tasks' losses, those of the policy, and reading them.</summary>
    public const string Loss = "loss";

    /// <summary>The optimisers' updates.</summary>
    public const string Optimizer = Section.Optimizer;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Data, Policy, Backbone, Heads, Loss, Optimizer];
}
