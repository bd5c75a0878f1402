using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.HardSharing;

/// <summary>Hard sharing (Caruana 1997): one backbone pass for all tasks, a head for each, the weighted sum of their losses.</summary>
public sealed class HardSharingMethod : Method
{
    /// <summary>The method's name, and that of its network where another method trains it beside its own.</summary>
    public const string MethodName = "hard_sharing";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Title => "hard sharing";

    /// <inheritdoc/>
    public override string Summary => "one backbone that every task runs whole, a head for each";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts { get; } = [new(2, 1), new(3, 1)];

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SharedNetwork(NetworkSpec.Of(config), backend, type);
}
