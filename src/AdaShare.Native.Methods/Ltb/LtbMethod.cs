using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.Ltb;

/// <summary>Learning to branch (Guo, Lee, Ulbricht, ICML 2020) in LibMTL's form for ResNets: which branch of the stage before each branch of a stage reads is learnt with the weights.</summary>
public sealed class LtbMethod : Method<LtbOptions>
{
    /// <inheritdoc/>
    public override string Name => "ltb";

    /// <inheritdoc/>
    public override string Title => "LTB";

    /// <inheritdoc/>
    public override string Summary => "learns with the weights of a backbone for each task which branch each stage reads from, and keeps the tree of the likeliest";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "whose branches belong to no single task";

    /// <inheritdoc/>
    public override string? DependsOnLength => "the temperature of the choices among branches";

    /// <inheritdoc/>
    protected override void Check(RunConfig config, LtbOptions options)
    {
        InRange(Key("warm_up"), options.WarmUp, options.WarmUp is >= 0 and < 1, "a share from 0 up to, not including, 1");
        InRange(Key("first_temperature"), options.FirstTemperature, options.FirstTemperature > 0 && double.IsFinite(options.FirstTemperature), "a temperature above 0");
        InRange(Key("last_temperature"), options.LastTemperature, options.LastTemperature > 0 && options.LastTemperature <= options.FirstTemperature,
            $"a temperature above 0 and up to {Key("first_temperature")} ({options.FirstTemperature})");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        LtbOptions options = config.Options<LtbOptions>();
        return new BranchingNetwork(NetworkSpec.Of(config), new BranchSchedule(config.Train.FinalSteps, options), options.RateFactor, backend, type);
    }
}
