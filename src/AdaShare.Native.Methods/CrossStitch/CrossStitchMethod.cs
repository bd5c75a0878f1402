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
public sealed class CrossStitchMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "cross_stitch";

    /// <inheritdoc/>
    public string Title => "Cross-Stitch";

    /// <inheritdoc/>
    public string Summary => "a backbone for each task; behind every stage each task goes on with a learnt mixture of all tasks' features";

    /// <inheritdoc/>
    public Type OptionsType => typeof(CrossStitchOptions);

    /// <inheritdoc/>
    public object CreateOptions() => new CrossStitchOptions();

    /// <inheritdoc/>
    public void Validate(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        CrossStitchOptions options = config.Options<CrossStitchOptions>();
        Choice(Key("units"), options.Units, "channel", "scalar");
        InRange(Key("own_weight"), options.OwnWeight, options.OwnWeight is > 0 and <= 1, "a weight above 0 and up to 1");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
        Require(options.StartFrom is null || options.StartFrom.Trim().Length > 0, Key("start_from"), "", "the folder of a single_task run, or no such key");
    }

    /// <inheritdoc/>
    public IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        CrossStitchOptions options = config.Options<CrossStitchOptions>();
        return new ParallelNetworks(NetworkSpec.Of(config), backend, type, (builder, spec) => new CrossStitchUnits(builder, spec, options));
    }

    /// <inheritdoc/>
    public IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        string? from = session.Config.Options<CrossStitchOptions>().StartFrom;
        return new SingleTrainingRun(session, new SingleTraining
        {
            Start = from is null ? null : () => new TrainedNetworks(Key("start_from"), from).Load((ParallelNetworks)session.Model, session.Dataset),
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config) => SingleTrainingRun.Networks(folder, Title, GateTable.Shared);

    private string Key(string name) => $"{Name}.{name}";
}
