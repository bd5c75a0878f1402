using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.SpotTune;

/// <summary>SpotTune (Guo et al., CVPR 2019) for several tasks: for each image and block a policy network chooses between the block of a given network and a copy that is tuned.</summary>
public sealed class SpotTuneMethod : Method<SpotTuneOptions>
{
    internal const string StartFromKey = "spottune.start_from";

    /// <inheritdoc/>
    public override string Name => "spottune";

    /// <inheritdoc/>
    public override string Title => "SpotTune";

    /// <inheritdoc/>
    public override string Summary => "a given backbone and tuned copies of its blocks; a small network chooses for each image and block between the two";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "which runs its blocks once for all tasks";

    /// <inheritdoc/>
    protected override void Check(RunConfig config, SpotTuneOptions options)
    {
        Require(options.StartFrom is null || options.StartFrom.Trim().Length > 0, Key("start_from"), "", "the folder of a run, a checkpoint, or no such key");
        AtLeast(Key("warm_up_iters"), options.WarmUpIters ?? 0, 0);
        InRange(Key("temperature"), options.Temperature, options.Temperature > 0 && double.IsFinite(options.Temperature), "a temperature above 0");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        SpotTuneOptions options = config.Options<SpotTuneOptions>();
        return options.StartFrom is not null && options.WarmUpIters is not null ? [$"{Key("warm_up_iters")} has no effect, since {Key("start_from")} gives the weights"] : [];
    }

    /// <summary>Those of the warm-up, where no weights are given.</summary>
    public override long StepsBefore(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        SpotTuneOptions options = config.Options<SpotTuneOptions>();
        return options.StartFrom is null ? options.WarmUpIters ?? config.Train.TotalIters : 0;
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SpotTuneNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session) => new SpotTuneRun(session);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string warmUp = folder.Checkpoint(SpotTuneRun.WarmUp), final = folder.Checkpoint(SpotTuneRun.Final);
        return
        [
            .. File.Exists(warmUp) ? [new StoredNetwork("warm-up", warmUp, GateTable.Shared, IsFinal: false)] : (StoredNetwork[])[],
            .. File.Exists(final) ? [new StoredNetwork(Title, final, GateTable.Decided, IsFinal: File.Exists(folder.Metrics))] : (StoredNetwork[])[],
        ];
    }
}
