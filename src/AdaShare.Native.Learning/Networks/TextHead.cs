using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// The head of a task that speaks of a text: the 8 largest values of each feature in the order of their places, then three linear layers with ReLU and dropout between them: 8 C to the hidden channels, again as many,
/// and the outputs (Conneau et al. 2017, section 3.2: 4,096, 2,048, 2,048). Linear layers are 1x1 convolutions, so that their weights are [outputs, inputs, 1, 1]; inputs lie place by place, in each all features.
/// </summary>
public sealed class TextHead : ITaskHead
{
    /// <summary>Values of each feature that go on.</summary>
    public const int Kept = 8;

    private readonly string _name;
    private readonly double _dropout;
    private readonly Conv2dLayer[] _layers;

    /// <summary>Declares the head's layers.</summary>
    public TextHead(NetworkBuilder builder, HeadSpec spec)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        (_name, _dropout) = (spec.Prefix, spec.Dropout);
        Conv2dLayer Layer(int number, int inputs, int outputs) => new(builder.Heads, $"{_name}.linear{number}", inputs, outputs, 1, new Conv2dOptions(1), bias: true);
        _layers = [Layer(1, Kept * spec.Inputs, spec.Hidden), Layer(2, spec.Hidden, spec.Hidden), Layer(3, spec.Hidden, spec.Outputs)];
    }

    /// <inheritdoc/>
    public IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape features) => _layers.Select(layer => (layer, new Shape(features[0], 1, 1, layer.Weight.Shape[1])));

    /// <summary>Predicts from features.</summary>
    /// <returns>[N, 1, 1, outputs], in single precision where the features are bfloat16.</returns>
    public Tensor Forward(Step step, Tensor features, bool training, ulong seed, long time)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor x = step.KMaxPool(features, Kept);
        Replace(step.Reshape(x, new Shape(x.Shape[0], 1, 1, Kept * x.Shape[3])));
        for (int i = 0; i < _layers.Length - 1; i++)
        {
            Replace(_layers[i].ForwardReluDropout(step, x, training ? _dropout : 0, RandomStream.For(seed, $"dropout/{_name}/{i}", time)));
        }

        Replace(_layers[^1].Forward(step, x));
        if (x.DType == DType.BFloat16)
        {
            Replace(step.Cast(x, DType.Float32));
        }

        return x;

        void Replace(Tensor next)
        {
            step.Release(x);
            x = next;
        }
    }
}
