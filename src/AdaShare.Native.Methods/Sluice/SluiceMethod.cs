using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.Sluice;

/// <summary>
/// Sluice networks (Ruder, Bingel, Augenstein, Søgaard, AAAI 2019), made for recurrent networks, adapted to ResNets: a backbone for each task, whose channel halves are mixed linearly behind
/// every stage.
/// </summary>
public sealed class SluiceMethod : Method<SluiceOptions>
{
    /// <inheritdoc/>
    public override string Name => "sluice";

    /// <inheritdoc/>
    public override string Title => "Sluice";

    /// <inheritdoc/>
    public override string Summary => "a backbone for each task; behind every stage each half of a task's channels goes on as a learnt mixture of all tasks' halves";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "where each task has a backbone of its own, batch norms included";

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } = [new(2, 2, 37.06), new(3, 3, 55.59)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        SluiceOptions options = config.Options<SluiceOptions>(), defaults = new();
        string[] notices =
        [
            options is { Subspaces: 1 } && options.Orthogonality != 0 && options.Orthogonality != defaults.Orthogonality ? $"{Key("orthogonality")} has no effect with {Key("subspaces")} 1: there are no two halves" : "",
            options.Init == SluiceOptions.Balanced && options.OwnWeight != defaults.OwnWeight ? $"{Key("own_weight")} has no effect with {Key("init")} {options.Init}" : "",
        ];
        return [.. notices.Where(static notice => notice.Length > 0)];
    }

    /// <inheritdoc/>
    protected override void Check(RunConfig config, SluiceOptions options)
    {
        InRange(Key("subspaces"), options.Subspaces, options.Subspaces is 1 or 2, "1 or 2");
        Choice(Key("init"), options.Init, SluiceOptions.Imbalanced, SluiceOptions.Balanced);
        InRange(Key("own_weight"), options.OwnWeight, options.OwnWeight is > 0 and <= 1, "a weight above 0 and up to 1");
        Choice(Key("beta"), options.Beta, SluiceOptions.None, SluiceOptions.Imbalanced, SluiceOptions.Balanced);
        InRange(Key("orthogonality"), options.Orthogonality, options.Orthogonality >= 0 && double.IsFinite(options.Orthogonality), "a weight of 0 or more");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
        TrainedNetworks.Check(Key("start_from"), options.StartFrom);
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        SluiceOptions options = config.Options<SluiceOptions>();
        return new ParallelNetworks(NetworkSpec.Of(config), backend, type, (builder, spec) => new SluiceUnits(builder, spec, options));
    }

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        string? from = session.Config.Options<SluiceOptions>().StartFrom;
        return new SingleTrainingRun(session, new SingleTraining { Start = TrainedNetworks.Start(Key("start_from"), from, session) });
    }
}
