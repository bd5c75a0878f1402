using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Mtan;

/// <summary>A task's attention mask: conv 1x1, BN, ReLU, conv 1x1, BN, sigmoid; both convolutions have biases.</summary>
public sealed class AttentionMask
{
    private readonly Conv2dLayer _conv1;
    private readonly BatchNormLayer _norm1;
    private readonly Conv2dLayer _conv2;
    private readonly BatchNormLayer _norm2;

    /// <summary>Declares a mask.</summary>
    /// <param name="builder">Where running statistics lie.</param>
    /// <param name="group">Where weights lie.</param>
    /// <param name="name">What the names of its parameters begin with.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="middle">Channels between the convolutions.</param>
    /// <param name="outputs">Channels of the mask.</param>
    public AttentionMask(NetworkBuilder builder, ParameterGroup group, string name, int inputs, int middle, int outputs)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _conv1 = new Conv2dLayer(group, name + ".conv1", inputs, middle, 1, new Conv2dOptions(1), bias: true);
        _norm1 = new BatchNormLayer(group, builder.Statistics, builder.Store, name + ".bn1", middle);
        _conv2 = new Conv2dLayer(group, name + ".conv2", middle, outputs, 1, new Conv2dOptions(1), bias: true);
        _norm2 = new BatchNormLayer(group, builder.Statistics, builder.Store, name + ".bn2", outputs);
    }

    /// <summary>Multiplies features by the mask that a task's view of them gives.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="features">[N, h, w, outputs]; they stay the caller's.</param>
    /// <param name="seen">What the mask is computed from, [N, h, w, inputs]; it stays the caller's.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <returns>[N, h, w, outputs].</returns>
    public Tensor Attend(Step step, Tensor features, Tensor seen, bool training)
    {
        Tensor hidden = Biased.ConvNorm(step, _conv1, _norm1, seen, training, relu: true);
        Tensor logits = Biased.ConvNorm(step, _conv2, _norm2, hidden, training, relu: false);
        step.Release(hidden);
        Tensor mask = step.Sigmoid(logits);
        step.Release(logits);
        Tensor attended = step.Multiply(mask, features);
        step.Release(mask);
        return attended;
    }

    /// <summary>Multiply-adds for an input [1, h, w, inputs]; see <see cref="Biased.MultiplyAdds"/>.</summary>
    public long MultiplyAdds(Shape input) => Biased.MultiplyAdds(_conv1, input) + Biased.MultiplyAdds(_conv2, input.With(3, _conv1.Weight.Shape[0]));
}
