using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.MultiTask.Model;

/// <summary>Hands out the parameter groups of an AdaShare network and the conventions of its layers.</summary>
internal sealed class NetworkBuilder
{
    // Every convolution of the official backbone starts normal with this deviation.
    private const double BackboneDeviation = 0.01;

    public NetworkBuilder(ParameterStore store)
    {
        Store = store;
        Backbone = store.Group("backbone");
        Heads = store.Group("heads");
        Logits = store.Group("logits");
        Statistics = store.Group("statistics", isBuffer: true);
    }

    public ParameterStore Store { get; }

    public ParameterGroup Backbone { get; }

    public ParameterGroup Heads { get; }

    public ParameterGroup Logits { get; }

    public ParameterGroup Statistics { get; }

    public Conv2dLayer BackboneConv(string name, int inputs, int outputs, int kernel, Conv2dOptions options) =>
        new(Backbone, name, inputs, outputs, kernel, options, bias: false, Initializers.Normal(0, BackboneDeviation));

    public BatchNormLayer BackboneNorm(string name, int channels) => new(Backbone, Statistics, Store, name, channels);
}
