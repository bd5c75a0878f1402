using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.MtanStage;

/// <summary>
/// What makes the attended features of a stage those that the next stage's masks see, for every task with the same weights: a bottleneck (conv 1x1, BN, ReLU, conv 3x3, BN, ReLU, conv 1x1, BN)
/// beside a projection (conv 1x1, BN), ReLU of their sum, and max pooling where the next stage strides.
/// </summary>
internal sealed class SharedRefinement
{
    private readonly Conv2dLayer[] _convs;
    private readonly BatchNormLayer[] _norms;
    private readonly Projection _projection;
    private readonly int _stride;
    private readonly (int Height, int Width) _pool;

    /// <summary>Declares a refinement.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="name">What the names of its parameters begin with.</param>
    /// <param name="inputs">Channels of the stage.</param>
    /// <param name="middle">Channels of the 3x3 convolution.</param>
    /// <param name="outputs">Channels of the next stage.</param>
    /// <param name="stride">The stride of the next stage.</param>
    public SharedRefinement(NetworkBuilder builder, string name, int inputs, int middle, int outputs, int stride)
    {
        (_stride, _pool) = (stride, builder.Along(stride));
        _convs =
        [
            builder.BackboneConv(name + ".conv1", inputs, middle, 1, new Conv2dOptions(1)),
            builder.BackboneConv(name + ".conv2", middle, middle, 3, new Conv2dOptions(1, 1)),
            builder.BackboneConv(name + ".conv3", middle, outputs, 1, new Conv2dOptions(1)),
        ];
        _norms = [builder.BackboneNorm(name + ".bn1", middle), builder.BackboneNorm(name + ".bn2", middle), builder.BackboneNorm(name + ".bn3", outputs)];
        _projection = new Projection(builder, name, "ds", inputs, outputs, stride: 1);
    }

    /// <summary>Refines a task's attended features, which stay the caller's.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="attended">[N, h, w, inputs].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <returns>[N, h, w, outputs] at the next stage's size.</returns>
    public Tensor Forward(Step step, Tensor attended, bool training)
    {
        Tensor x = attended;
        for (int i = 0; i < 2; i++)
        {
            Tensor convolved = _convs[i].Forward(step, x);
            Tensor y = _norms[i].Forward(step, convolved, training, relu: true);
            step.Release(convolved);
            if (x != attended)
            {
                step.Release(x);
            }

            x = y;
        }

        Tensor wide = _convs[2].Forward(step, x), residual = _projection.Forward(step, attended, training);
        Tensor refined = _norms[2].ForwardResidual(step, wide, residual, gates: null, sharedInput: false, training);
        foreach (Tensor made in (Tensor[])[x, wide, residual])
        {
            step.Release(made);
        }

        return _stride == 1 ? refined : Pooled(step, refined);
    }

    /// <summary>Multiply-adds for attended features [1, h, w, inputs].</summary>
    public long MultiplyAdds(Shape attended)
    {
        Shape narrow = attended.With(3, _convs[0].Weight.Shape[0]);
        return LayerCost.MultiplyAdds((_convs[0], attended)) + LayerCost.MultiplyAdds((_convs[1], narrow)) + LayerCost.MultiplyAdds((_convs[2], narrow))
            + LayerCost.MultiplyAdds(_projection.Convolution(attended));
    }

    private Tensor Pooled(Step step, Tensor refined)
    {
        Tensor pooled = step.MaxPool2d(refined, _pool, _stride, ceilMode: true);
        step.Release(refined);
        return pooled;
    }
}
