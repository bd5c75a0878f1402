using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.Routing;

/// <summary>Routing networks (Rosenbaum, Klinger, Riemer, ICLR 2018): at every depth each task's agent, learnt by rewards, chooses one of several function blocks.</summary>
public sealed class RoutingMethod : Method<RoutingOptions>
{
    /// <inheritdoc/>
    public override string Name => "routing";

    /// <inheritdoc/>
    public override string Title => "Routing Networks";

    /// <inheritdoc/>
    public override string Summary => "at every depth of the last stages each task's agent, learnt by rewards, chooses one of several function blocks";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "whose function blocks belong to no single task";

    /// <inheritdoc/>
    protected override void Check(RunConfig config, RoutingOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        int stages = BackboneSpec.Of(config.Backbone).Blocks.Count;
        InRange(Key("stages"), options.Stages, options.Stages >= 1 && options.Stages <= stages, $"1 to {stages}, the stages of {config.Backbone}");
        AtLeast(Key("function_blocks"), options.FunctionBlocks ?? 1, 1);
        Choice(Key("agent"), options.Agent, RoutingOptions.Tabular, RoutingOptions.Mlp);
        AtLeast(Key("hidden"), options.Hidden, 1);
        InRange(Key("collaboration"), options.Collaboration, options.Collaboration >= 0 && double.IsFinite(options.Collaboration), "a factor of 0 or more");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        RoutingOptions options = config.Options<RoutingOptions>();
        return options.Agent == RoutingOptions.Tabular && options.Hidden != new RoutingOptions().Hidden ? [$"{Key("hidden")} has no effect with {Key("agent")} {RoutingOptions.Tabular}"] : [];
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new RoutingNetwork(NetworkSpec.Of(config), backend, config.Options<RoutingOptions>(), type);
    }

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var reward = new RoutingReward((RoutingNetwork)session.Model, session.Config.Options<RoutingOptions>().Collaboration);
        return new SingleTrainingRun(session, new SingleTraining { Gates = static _ => GateTable.Decided, EvaluationGates = GateTable.Decided, Rewards = _ => reward.Losses });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config) => SingleTrainingRun.Networks(folder, Title, GateTable.Decided);
}
