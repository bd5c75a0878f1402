using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Methods.CrossStitch;
using AdaShare.Native.Methods.Ltb;
using AdaShare.Native.Methods.Sluice;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>A method under some of its options, for tests of what holds for every method that trains once.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Label">What the options are, for the test's name; empty for the defaults.</param>
/// <param name="Change">Sets the options; null for the defaults.</param>
public sealed record MethodCase(string Method, string Label = "", Action<RunConfig>? Change = null)
{
    /// <summary>The methods that the tests of whole runs go through: a new one is a line here.</summary>
    public static IEnumerable<MethodCase> All { get; } =
    [
        new("single_task"),
        new("cross_stitch"),
        new("cross_stitch", "scalar", static config => config.Options<CrossStitchOptions>().Units = "scalar"),
        new("nddr"),
        new("sluice"),
        new("sluice", "balanced with beta", static config => (config.Options<SluiceOptions>().Init, config.Options<SluiceOptions>().Beta) = (SluiceOptions.Balanced, SluiceOptions.Imbalanced)),
        new("sluice", "one subspace", static config => config.Options<SluiceOptions>().Subspaces = 1),
        new("mtan"),
        new("mtan_stage"),
        new("ltb", "no warm-up", static config => config.Options<LtbOptions>().WarmUp = 0),
        new("hard_sharing", "norms per task", static config => config.Model.BatchNorm = ModelConfig.PerTask),
        new("ltb", "soft", static config => (config.Options<LtbOptions>().HardSampling, config.Options<LtbOptions>().WarmUp) = (false, 0)),
    ];

    /// <summary>The configuration of a small run, of two tasks or those that are named.</summary>
    public RunConfig Config(params string[] tasks)
    {
        RunConfig config = SmallRun.Config(Method, tasks.Length == 0 ? ["seg", "sn"] : tasks);
        Change?.Invoke(config);
        return config;
    }

    public override string ToString() => Label.Length == 0 ? Method : $"{Method}, {Label}";
}
