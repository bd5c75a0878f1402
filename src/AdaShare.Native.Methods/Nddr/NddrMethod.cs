using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.Nddr;

/// <summary>NDDR-CNN (Gao, Ma, Zhao, Liu, Yuille, CVPR 2019): a backbone for each task, whose features are joined by "neural discriminative dimensionality reduction" behind stem and stages.</summary>
public sealed class NddrMethod : Method<NddrOptions>
{
    /// <inheritdoc/>
    public override string Name => "nddr";

    /// <inheritdoc/>
    public override string Title => "NDDR";

    /// <inheritdoc/>
    public override string Summary => "a backbone for each task; behind the stem and every stage a convolution 1x1 makes each task's features of those of all tasks";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "where each task has a backbone of its own, batch norms included";

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } = [new(2, 2.07, 38.32), new(3, 3.15, 58.43), new(5, 5.41)];

    /// <inheritdoc/>
    protected override void Check(RunConfig config, NddrOptions options)
    {
        InRange(Key("own_weight"), options.OwnWeight, options.OwnWeight is > 0 and <= 1, "a weight above 0 and up to 1");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
        TrainedNetworks.Check(Key("start_from"), options.StartFrom);
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        NddrOptions options = config.Options<NddrOptions>();
        return new ParallelNetworks(NetworkSpec.Of(config), backend, type, (builder, spec) => new NddrLayers(builder, spec, options));
    }

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        string? from = session.Config.Options<NddrOptions>().StartFrom;
        return new SingleTrainingRun(session, new SingleTraining { Start = TrainedNetworks.Start(Key("start_from"), from, session) });
    }
}
