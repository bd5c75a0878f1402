using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.AdaShareRl;

/// <summary>AdaShare's ablation with policies learnt by reinforcement instead of Gumbel-softmax; everything else, its section of options included, is AdaShare's.</summary>
public sealed class AdaShareRlMethod : Method<AdaShareRlOptions>
{
    private static readonly AdaShareMethod Base = new();

    /// <inheritdoc/>
    public override string Name => "adashare_rl";

    /// <inheritdoc/>
    public override string Title => "AdaShare-RL";

    /// <inheritdoc/>
    public override string Summary => "AdaShare with decisions that are drawn and rewarded (REINFORCE) instead of Gumbel-softmax gates";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sections => [Name, Base.Name];

    /// <inheritdoc/>
    protected override void Check(RunConfig config, AdaShareRlOptions options)
    {
        Base.Validate(config);
        InRange(Key("exploration"), options.Exploration, options.Exploration is >= 0 and <= 1, "a share from 0 to 1");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>(), defaults = new();
        return
        [
            .. Base.Notices(config),
            .. options.HardSampling ? ["adashare.hard_sampling has no effect with method adashare_rl, whose decisions are always hard"] : (string[])[],
            .. options.InitTemp != defaults.InitTemp || options.DecayTemp != defaults.DecayTemp ? ["adashare.init_temp and adashare.decay_temp have no effect with method adashare_rl, which has no temperature"] : (string[])[],
        ];
    }

    /// <inheritdoc/>
    public override long StepsBefore(RunConfig config) => Base.StepsBefore(config);

    /// <inheritdoc/>
    public override long AllSteps(RunConfig config) => Base.AllSteps(config);

    /// <inheritdoc/>
    public override string? NeedOfValidation(RunConfig config) => Base.NeedOfValidation(config);

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => Base.Build(config, backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        double exploration = session.Config.Options<AdaShareRlOptions>().Exploration;
        return new AdaShareRun(session, (options, state) => new RewardPolicy(session, options, state, exploration));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config) =>
        [.. Base.Networks(folder, config).Select(network => network.IsFinal ? network with { Title = $"{Title}, retrained" } : network)];

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config, PolicyChoice choice) => Base.Networks(folder, config, choice);
}
