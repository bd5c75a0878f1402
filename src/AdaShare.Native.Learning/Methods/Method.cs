using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>What most methods have in common: no options, one training of weights in which every task runs every block, one network. Whoever differs overrides.</summary>
public abstract class Method : IMethod
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public abstract string Summary { get; }

    /// <inheritdoc/>
    public virtual bool SharesWeights => true;

    /// <inheritdoc/>
    public virtual string? WithoutTaskNorms => "which runs no shared backbone in passes of single tasks";

    /// <inheritdoc/>
    public virtual string? WithoutBottlenecks => null;

    /// <inheritdoc/>
    public virtual string? WithoutSingleBlocks => null;

    /// <inheritdoc/>
    public virtual Type? OptionsType => null;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Sections => [Name];

    /// <inheritdoc/>
    public virtual object CreateOptions() => throw new NotSupportedException($"{Name} has no options");

    /// <inheritdoc/>
    public virtual void Validate(RunConfig config)
    {
        // Without options there is nothing of its own to check.
    }

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Notices(RunConfig config) => [];

    /// <inheritdoc/>
    public virtual long StepsBefore(RunConfig config) => 0;

    /// <inheritdoc/>
    public virtual long AllSteps(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return StepsBefore(config) + config.Train.FinalSteps;
    }

    /// <inheritdoc/>
    public virtual string? DependsOnLength => null;

    /// <inheritdoc/>
    public virtual IReadOnlyList<PublishedCost> PublishedCosts => [];

    /// <inheritdoc/>
    public virtual string? NeedOfValidation(RunConfig config) => null;

    /// <inheritdoc/>
    public abstract IModel Build(RunConfig config, Backend backend, DType type = DType.Float32);

    /// <inheritdoc/>
    public virtual IMethodRun Begin(TrainingSession session) => new SingleTrainingRun(session, new SingleTraining());

    /// <inheritdoc/>
    public virtual IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config) => SingleTrainingRun.Networks(folder, Title, GateTable.Shared);

    /// <inheritdoc/>
    public virtual IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config, PolicyChoice choice) =>
        throw new ConfigurationException($"--policy {choice.Word()}: method {Name} has no search that leaves policies to choose from; leave --policy out, which takes the run's own network");
}

/// <summary>A method with options.</summary>
/// <typeparam name="TOptions">A class whose public properties are the keys of the method's section.</typeparam>
public abstract class Method<TOptions> : Method
    where TOptions : class, new()
{
    /// <inheritdoc/>
    public sealed override Type OptionsType => typeof(TOptions);

    /// <inheritdoc/>
    public sealed override object CreateOptions() => new TOptions();

    /// <inheritdoc/>
    public sealed override void Validate(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Check(config, config.Options<TOptions>());
    }

    /// <summary>Checks the method's own keys, see <see cref="IMethod.Validate"/>.</summary>
    /// <param name="config">The whole configuration.</param>
    /// <param name="options">The method's section.</param>
    /// <exception cref="Engine.Errors.ConfigurationException">The first thing that is wrong.</exception>
    protected abstract void Check(RunConfig config, TOptions options);

    /// <summary>A key of the method's section as people write it, <c>name.key</c>.</summary>
    protected string Key(string key) => $"{Name}.{key}";
}
