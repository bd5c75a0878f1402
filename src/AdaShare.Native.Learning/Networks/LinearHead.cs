using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// The head of a task that speaks of the image as a whole: the mean of the features over all pixels, dropout, and a linear layer (He et al., 2016, section 3.3; torchvision's
/// <c>avgpool</c> and <c>fc</c>). The linear layer is a 1x1 convolution, so its weight is [outputs, inputs, 1, 1].
/// </summary>
public sealed class LinearHead : ITaskHead
{
    private readonly string _name;
    private readonly double _dropout;
    private readonly Conv2dLayer _linear;

    /// <summary>Declares the head's layer.</summary>
    public LinearHead(NetworkBuilder builder, HeadSpec spec)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        (_name, _dropout) = (spec.Prefix, spec.Dropout);
        _linear = new Conv2dLayer(builder.Heads, _name + ".linear", spec.Inputs, spec.Outputs, 1, new Conv2dOptions(1), bias: true);
    }

    /// <inheritdoc/>
    public IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape features) => [(_linear, features.With(1, 1).With(2, 1))];

    /// <summary>Predicts from features.</summary>
    /// <returns>[N, 1, 1, outputs], in single precision where the features are bfloat16.</returns>
    public Tensor Forward(Step step, Tensor features, bool training, ulong seed, long time)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor x = step.GlobalAveragePool(features);
        Replace(step.Reshape(x, new Shape(x.Shape[0], 1, 1, x.Shape[1])));
        if (training && _dropout > 0)
        {
            Replace(step.Dropout(x, _dropout, RandomStream.For(seed, $"dropout/{_name}", time)));
        }

        Replace(_linear.Forward(step, x));
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
