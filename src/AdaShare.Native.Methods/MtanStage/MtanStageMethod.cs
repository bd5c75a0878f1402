using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.MtanStage;

/// <summary>Multi-task attention networks (Liu, Johns, Davison, CVPR 2019) as their authors publish them for ResNets: attention at the last block of each stage, refinements that tasks share.</summary>
public sealed class MtanStageMethod : Method<MtanStageOptions>
{
    // The narrowest stage has 8 channels.
    private const int LargestReduction = 8;

    /// <inheritdoc/>
    public override string Name => "mtan_stage";

    /// <inheritdoc/>
    public override string Title => "MTAN by stage";

    /// <inheritdoc/>
    public override string Summary => "one backbone; at the last block of every stage each task picks from the shared features by an attention mask of its own, and tasks share what refines them";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "whose attention reads the features of one pass that all tasks share";

    /// <inheritdoc/>
    public override string? WithoutSingleBlocks => "whose masks read the last block but one of a stage";

    /// <inheritdoc/>
    protected override void Check(RunConfig config, MtanStageOptions options) =>
        InRange(Key("reduction"), options.Reduction, options.Reduction is >= 1 and <= LargestReduction, $"a divisor from 1 to {LargestReduction}");

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new MtanStageNetwork(NetworkSpec.Of(config), config.Options<MtanStageOptions>().Reduction, backend, type);
    }
}
