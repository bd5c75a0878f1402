using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Methods.Mtan;

/// <summary>
/// Multi-task attention networks (Liu, Johns, Davison, CVPR 2019) in the layout that costs what AdaShare's paper says of MTAN: attention at every residual block, all of it a task's own.
/// </summary>
public sealed class MtanMethod : Method
{
    /// <inheritdoc/>
    public override string Name => "mtan";

    /// <inheritdoc/>
    public override string Title => "MTAN";

    /// <inheritdoc/>
    public override string Summary => "one backbone; at every residual block each task picks from the shared features by an attention mask of its own";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => "whose attention reads the features of one pass that all tasks share";

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } =
    [
        new(2, 2.41, 44.31) { CountsSharedOnce = true }, new(3, 3.11, 57.21) { CountsSharedOnce = true }, new(5, 4.51),
    ];

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new MtanNetwork(NetworkSpec.Of(config), backend, type);
}
