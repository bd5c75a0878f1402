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

    /// <summary>Names the groups of a store.</summary>
    public NetworkBuilder(ParameterStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        Backbone = store.Group("backbone");
        Heads = store.Group(HeadGroup);
        Statistics = store.Group("statistics", isBuffer: true);
    }

    private NetworkBuilder(NetworkBuilder of, ParameterGroup backbone, Initializer? convolutions)
    {
        (Store, Backbone, Heads, Statistics) = (of.Store, backbone, of.Heads, of.Statistics);
        _convolutions = convolutions ?? of._convolutions;
    }

    /// <summary>The same, but with layers of backbones in another group, such as those of a network that decides, or of one that stays as it is.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="convolutions">How convolutions start; as the backbone's if null.</param>
    public NetworkBuilder In(string group, Initializer? convolutions = null) => new(this, Store.Group(group), convolutions);

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
}
