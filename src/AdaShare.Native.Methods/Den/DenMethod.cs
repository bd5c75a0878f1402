using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.Den;

/// <summary>Deep elastic networks (Ahn, Kim, Oh, ICCV 2019) for several tasks: a selector, learnt by rewards, says for each image how many channels of each block of the shared backbone run.</summary>
public sealed class DenMethod : Method<DenOptions>
{
    private const string Otherwise =
        "the published figures count a second set of the selector's blocks, which the public code declares and never runs (1,350,272 parameters), and leave out the 1x1 projections of those that run (0.077 G)";

    /// <inheritdoc/>
    public override string Name => "den";

    /// <inheritdoc/>
    public override string Title => "DEN";

    /// <inheritdoc/>
    public override string Summary => "hard sharing in which a small network, learnt by rewards, says for each image how many channels of each block run";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "which runs its blocks once for all tasks";

    /// <inheritdoc/>
    public override string? WithoutBottlenecks => "which masks the channels between the two convolutions of a basic block";

    /// <inheritdoc/>
    protected override void Check(RunConfig config, DenOptions options)
    {
        AtLeast(Key("warm_up_iters"), options.WarmUpIters ?? 0, 0);
        InRange(Key("whole_share"), options.WholeShare, options.WholeShare is >= 0 and <= 1, "a share from 0 to 1");
        AtLeast(Key("rounds"), options.Rounds, 1);
        AtLeast(Key("selector_iters"), options.SelectorIters ?? 0, 0);
        AtLeast(Key("estimator_iters"), options.EstimatorIters ?? 0, 0);
        InRange(Key("selector_lr"), options.SelectorLr, options.SelectorLr > 0 && double.IsFinite(options.SelectorLr), "a learning rate above 0");
        InRange(Key("rho"), options.Rho, options.Rho > 0 && double.IsFinite(options.Rho), "a number above 0");
        InRange(Key("exploration_decay"), options.ExplorationDecay, options.ExplorationDecay is >= 0 and <= 1, "a factor from 0 to 1");
    }

    /// <summary>Those of the warm-up, of the selector and of the network between its trainings.</summary>
    public override long StepsBefore(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return DenSchedule.Of(config).Steps;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } =
    [
        new(2, 1.12, 39.18) { Gates = GateTable.Decided, CountsOtherwise = Otherwise }, new(3, 1.12, 57.71) { Gates = GateTable.Decided, CountsOtherwise = Otherwise },
        new(5, 1.12) { Gates = GateTable.Decided, CountsOtherwise = Otherwise },
    ];

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new DenNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session) => new DenRun(session);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string warmUp = folder.Checkpoint(DenRun.WarmUp), final = folder.Checkpoint(DenRun.Final);
        return
        [
            .. File.Exists(warmUp) ? [new StoredNetwork("warm-up, every block whole", warmUp, GateTable.Shared, IsFinal: false)] : (StoredNetwork[])[],
            .. File.Exists(final) ? [new StoredNetwork(Title, final, GateTable.Decided, IsFinal: File.Exists(folder.Metrics))] : (StoredNetwork[])[],
        ];
    }
}
