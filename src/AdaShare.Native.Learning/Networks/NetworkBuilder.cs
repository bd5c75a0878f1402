using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Learning.Networks;

/// <summary>Hands out the parameter groups of a network and the conventions of its layers.</summary>
public sealed class NetworkBuilder
{
    // Every convolution of the official backbone starts normal with this deviation.
    private const double BackboneDeviation = 0.01;

    internal const string HeadGroup = "heads";

    private readonly Initializer _convolutions = Initializers.Normal(0, BackboneDeviation);

    // The tasks for each of which there is a batch norm; null where they share one.
    private readonly int? _normTasks;

    /// <summary>Names the groups of a store.</summary>
    public NetworkBuilder(ParameterStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        Backbone = store.Group("backbone");
        Heads = store.Group(HeadGroup);
        Statistics = store.Group("statistics", isBuffer: true);
    }

    private NetworkBuilder(NetworkBuilder of, ParameterGroup backbone, Initializer? convolutions, int? normTasks)
    {
        (Store, Backbone, Heads, Statistics) = (of.Store, backbone, of.Heads, of.Statistics);
        (_convolutions, _normTasks) = (convolutions ?? of._convolutions, normTasks);
    }

    /// <summary>The same, but with layers of backbones in another group, such as those of a network that decides, or of one that stays as it is.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="convolutions">How convolutions start; as the backbone's if null.</param>
    public NetworkBuilder In(string group, Initializer? convolutions = null) => new(this, Store.Group(group), convolutions, _normTasks);

    /// <summary>The same, but <see cref="BackboneNorms"/> declares a batch norm for each task.</summary>
    /// <param name="tasks">How many tasks.</param>
    public NetworkBuilder WithTaskNorms(int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        return new NetworkBuilder(this, Backbone, null, tasks);
    }

    /// <summary>Where parameters are declared.</summary>
    public ParameterStore Store { get; }

    /// <summary>The weights of backbones.</summary>
    public ParameterGroup Backbone { get; }

    /// <summary>The weights of heads.</summary>
    public ParameterGroup Heads { get; }

    /// <summary>The running statistics of batch norms.</summary>
    public ParameterGroup Statistics { get; }

    /// <summary>A convolution of a backbone, without bias, that starts normal with the official deviation.</summary>
    public Conv2dLayer BackboneConv(string name, int inputs, int outputs, int kernel, Conv2dOptions options) =>
        new(Backbone, name, inputs, outputs, kernel, options, bias: false, _convolutions);

    /// <summary>A batch norm of a backbone.</summary>
    public BatchNormLayer BackboneNorm(string name, int channels) => new(Backbone, Statistics, Store, name, channels);

    /// <summary>
    /// The batch norm behind a convolution of a backbone, or those of all tasks after <see cref="WithTaskNorms"/>: <c>place.name</c>, or <c>place.task0_name</c>, <c>place.task1_name</c> …, the names of the
    /// official code's branch for DomainNet.
    /// </summary>
    /// <param name="place">What the names begin with.</param>
    /// <param name="name">How they end.</param>
    /// <param name="channels">C.</param>
    public TaskNorms BackboneNorms(string place, string name, int channels) => _normTasks is { } tasks
        ? new TaskNorms(Enumerable.Range(0, tasks).Select(task => BackboneNorm($"{place}.task{task}_{name}", channels)), isPerTask: true)
        : new TaskNorms([BackboneNorm($"{place}.{name}", channels)], isPerTask: false);
}
