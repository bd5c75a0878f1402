using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.MultiTask.Model;

/// <summary>The shortcut of a stage's first block where size or dilation changes: conv 1x1, BN. It lies outside the gate and always runs.</summary>
public sealed class Projection
{
    private readonly Conv2dLayer _conv;

    internal Projection(NetworkBuilder builder, string name, int inputs, int outputs, int stride)
    {
        _conv = builder.BackboneConv(name + ".0", inputs, outputs, 1, new Conv2dOptions(stride));
        Norm = builder.BackboneNorm(name + ".1", outputs);
    }

    /// <summary>The batch norm.</summary>
    public BatchNormLayer Norm { get; }

    /// <summary>The convolution with the shape of its input, for cost reports.</summary>
    public (Conv2dLayer Layer, Shape Input) Convolution(Shape input) => (_conv, input);

    /// <summary>Computes the shortcut.</summary>
    public Tensor Forward(Step step, Tensor input, bool training) => ResidualBlock.ConvNorm(step, _conv, Norm, input, training, relu: false);
}
