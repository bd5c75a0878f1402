using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.HardSharing;

/// <summary>Hard sharing (Caruana 1997): one backbone pass for all tasks, a head for each, the weighted sum of their losses.</summary>
public sealed class HardSharingMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "hard_sharing";

    /// <inheritdoc/>
    public string Title => "hard sharing";

    /// <inheritdoc/>
    public string Summary => "one backbone that every task runs whole, a head for each";

    /// <inheritdoc/>
    public Type? OptionsType => null;

    /// <inheritdoc/>
    public object CreateOptions() => throw new NotSupportedException($"{Name} has no options");

    /// <inheritdoc/>
    public void Validate(RunConfig config)
    {
        // Nothing of its own to check.
    }

    /// <inheritdoc/>
    public IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SharedNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public IMethodRun Begin(TrainingSession session) => new SingleTrainingRun(session, new SingleTraining());

    /// <inheritdoc/>
    public IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config) => SingleTrainingRun.Networks(folder, Title, Learning.Gates.GateTable.Shared);
}
