using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.StochasticDepth;

/// <summary>
/// Stochastic depth (Huang et al., ECCV 2016) for several tasks, as in AdaShare's ablations: in each training step each task skips random blocks; later every block runs, mixed by its probability.
/// </summary>
public sealed class StochasticDepthMethod : Method<StochasticDepthOptions>
{
    /// <inheritdoc/>
    public override string Name => "stochastic_depth";

    /// <inheritdoc/>
    public override string Title => "stochastic depth";

    /// <inheritdoc/>
    public override string Summary => "skips random blocks for each task in each training step, deeper ones more often, and mixes every block by its probability afterwards";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    protected override void Check(RunConfig config, StochasticDepthOptions options)
    {
        double keep = config.Options<StochasticDepthOptions>().KeepLast;
        InRange($"{Name}.keep_last", keep, keep is >= 0 and <= 1, "a probability from 0 to 1");
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SharedNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        KeepSchedule schedule = Schedule(session.Config);
        GateKind dropped = LossMode.ComputesDroppedBlocks(session.Config) ? GateKind.Silent : GateKind.Off;
        return new SingleTrainingRun(session, new SingleTraining
        {
            Gates = done => schedule.Draw(session.Seed, done, dropped),
            EvaluationGates = schedule.Expectation(),
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return SingleTrainingRun.Networks(folder, Title, Schedule(config).Expectation());
    }

    private static KeepSchedule Schedule(RunConfig config) =>
        new(config.Tasks.Count, BackboneSpec.Of(config.Backbone).BlockCount, config.Options<StochasticDepthOptions>().KeepLast);
}
