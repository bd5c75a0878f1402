using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.FixedPolicy;

/// <summary>A policy that is given, trained once from fresh weights: AdaShare's retraining without its search.</summary>
public sealed class FixedPolicyMethod : Method<FixedPolicyOptions>
{
    /// <inheritdoc/>
    public override string Name => "fixed_policy";

    /// <inheritdoc/>
    public override string Title => "fixed policy";

    /// <inheritdoc/>
    public override string Summary => "trains one backbone under a given policy, from another run or written by hand";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    protected override void Check(RunConfig config, FixedPolicyOptions options)
    {
        PolicySource source = Source(config);
        Require(source.HasFile || source.HasText, $"{Name}.file", "", $"a policy.json or the folder of a run; or give {Name}.skip, for example \"{config.Tasks[0]}:1,2\"");
        source.Check(config);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config) => [.. Source(config).Notices()];

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SharedNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return PolicyRun.Begin(session, () => Source(session.Config).Read(session.Config));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return PolicyRun.Networks(folder, Title);
    }

    private static PolicySource Source(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Options<FixedPolicyOptions>().Source;
    }
}
