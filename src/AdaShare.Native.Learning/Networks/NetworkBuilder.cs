using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

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
    /// <param name="store">The store.</param>
    /// <param name="inputs">What the network reads.</param>
    /// <param name="activations">The type in which activations are stored: BFloat16, or anything else for the parameters' own.</param>
    public NetworkBuilder(ParameterStore store, InputKind inputs = InputKind.Image, DType activations = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(store);
        (Store, Inputs, Activations) = (store, inputs, activations);
        Backbone = store.Group("backbone");
        Heads = store.Group(HeadGroup);
        Statistics = store.Group("statistics", isBuffer: true);
    }

    private NetworkBuilder(NetworkBuilder of, ParameterGroup backbone, Initializer? convolutions, int? normTasks)
    {
        (Store, Inputs, Activations, Backbone, Heads, Statistics) = (of.Store, of.Inputs, of.Activations, backbone, of.Heads, of.Statistics);
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

    /// <summary>What the network reads. Filters of networks of texts lie along the text: 1 x k where they are k x k for images.</summary>
    public InputKind Inputs { get; }

    /// <summary>The type in which activations are stored: BFloat16, or anything else for the parameters' own.</summary>
    public DType Activations { get; }

    /// <summary>The weights of backbones.</summary>
    public ParameterGroup Backbone { get; }

    /// <summary>The weights of heads.</summary>
    public ParameterGroup Heads { get; }

    /// <summary>The running statistics of batch norms.</summary>
    public ParameterGroup Statistics { get; }

    /// <summary>Refuses layers for another kind of input than the builder makes.</summary>
    /// <param name="inputs">What a network reads.</param>
    /// <exception cref="ArgumentException">The builder makes layers for something else.</exception>
    public void Require(InputKind inputs)
    {
        if (inputs != Inputs)
        {
            throw new ArgumentException($"builder: makes layers for {Inputs}, the network reads {inputs}; give the builder what the network's form says", nameof(inputs));
        }
    }

    /// <summary>A window of a side; along the text where the network reads texts.</summary>
    public (int Height, int Width) Along(int side) => Inputs == InputKind.Text ? (1, side) : (side, side);

    /// <summary>A convolution of a backbone, without bias, that starts normal with the official deviation; along the text where the network reads texts.</summary>
    public Conv2dLayer BackboneConv(string name, int inputs, int outputs, int kernel, Conv2dOptions options) => Conv(Backbone, name, inputs, outputs, kernel, options, bias: false, _convolutions);

    /// <summary>A convolution; along the text where the network reads texts.</summary>
    /// <param name="group">Where its parameters lie.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">The number of filters.</param>
    /// <param name="kernel">The filters' side; of texts their length.</param>
    /// <param name="options">Stride, padding and dilation, the same in both directions; of texts along the text alone.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="initializer">How the filter starts; PyTorch's default if null.</param>
    public Conv2dLayer Conv(ParameterGroup group, string name, int inputs, int outputs, int kernel, Conv2dOptions options, bool bias, Initializer? initializer = null) => Inputs == InputKind.Text
        ? new(group, name, inputs, outputs, Along(kernel), options with { StrideHeight = 1, PadHeight = 0, DilationHeight = 1 }, bias, initializer)
        : new(group, name, inputs, outputs, kernel, options, bias, initializer);

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
