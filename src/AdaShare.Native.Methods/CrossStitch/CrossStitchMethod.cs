using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.CrossStitch;

/// <summary>Cross-stitch networks (Misra, Shrivastava, Gupta, Hebert, CVPR 2016): a backbone for each task, whose features are mixed linearly behind every stage.</summary>
public sealed class CrossStitchMethod : Method<CrossStitchOptions>
{
    /// <inheritdoc/>
    public override string Name => "cross_stitch";

    /// <inheritdoc/>
    public override string Title => "Cross-Stitch";

    /// <inheritdoc/>
    public override string Summary => "a backbone for each task; behind every stage each task goes on with a learnt mixture of all tasks' features";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "where each task has a backbone of its own, batch norms included";

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } = [new(2, 2, 37.06), new(3, 3, 55.59)];

    /// <inheritdoc/>
    protected override void Check(RunConfig config, CrossStitchOptions options)
    {
        Choice(Key("units"), options.Units, "channel", "scalar");
        InRange(Key("own_weight"), options.OwnWeight, options.OwnWeight is > 0 and <= 1, "a weight above 0 and up to 1");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
        TrainedNetworks.Check(Key("start_from"), options.StartFrom);
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        CrossStitchOptions options = config.Options<CrossStitchOptions>();
        return new ParallelNetworks(NetworkSpec.Of(config), backend, type, (builder, spec) => new CrossStitchUnits(builder, spec, options));
    }

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        string? from = session.Config.Options<CrossStitchOptions>().StartFrom;
        return new SingleTrainingRun(session, new SingleTraining { Start = TrainedNetworks.Start(Key("start_from"), from, session) });
    }
}
