using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Mtan;

/// <summary>
/// A task's attention at a residual block: its mask on the block's output, seen beside the task's features of the block before, then a refinement of its own (conv 3x3 with bias, BN, ReLU).
/// </summary>
public sealed class BlockAttention
{
    private readonly AttentionMask _mask;
    private readonly Conv2dLayer _refine;
    private readonly BatchNormLayer _norm;
    private readonly int _stride;
    private readonly (int Height, int Width) _pool;
    private readonly int _before;

    /// <summary>Declares the attention.</summary>
    /// <param name="builder">Where running statistics lie.</param>
    /// <param name="group">Where weights lie.</param>
    /// <param name="name">What the names of its parameters begin with.</param>
    /// <param name="before">Channels of the task's features of the block before; 0 at the first block.</param>
    /// <param name="channels">Channels of the block's output.</param>
    /// <param name="stride">The stride of the block.</param>
    public BlockAttention(NetworkBuilder builder, ParameterGroup group, string name, int before, int channels, int stride)
    {
        ArgumentNullException.ThrowIfNull(builder);
        (_before, _stride, _pool) = (before, stride, builder.Along(stride));
        _mask = new AttentionMask(builder, group, name, channels + before, channels, channels);
        _refine = builder.Conv(group, name + ".refine", channels, channels, 3, new Conv2dOptions(1, 1), bias: true);
        _norm = new BatchNormLayer(group, builder.Statistics, builder.Store, name + ".refine_bn", channels);
    }

    /// <summary>Computes the task's features of the block.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="features">The block's output, [N, h, w, C].</param>
    /// <param name="before">The task's features of the block before; null at the first block. They stay the caller's.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <returns>[N, h, w, C].</returns>
    public Tensor Forward(Step step, Tensor features, Tensor? before, bool training)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(features);
        Tensor seen = before is null ? features : Seen(step, features, before);
        Tensor attended = _mask.Attend(step, features, seen, training);
        if (seen != features)
        {
            step.Release(seen);
        }

        Tensor refined = Biased.ConvNorm(step, _refine, _norm, attended, training, relu: true);
        step.Release(attended);
        return refined;
    }

    /// <summary>Multiply-adds for a block's output [1, h, w, C]; see <see cref="Biased.MultiplyAdds"/>.</summary>
    public long MultiplyAdds(Shape features) => _mask.MultiplyAdds(features.With(3, features[3] + _before)) + Biased.MultiplyAdds(_refine, features);

    /// <summary>Both side by side, those from before at the size of the block's output: a stride of 2 and padding 1 make of n pixels as many as pooling does that counts a last, partial window.</summary>
    private Tensor Seen(Step step, Tensor features, Tensor before)
    {
        Tensor pooled = _stride == 1 ? before : step.MaxPool2d(before, _pool, _stride, ceilMode: true);
        Tensor seen = step.Concat([features, pooled], 3);
        if (pooled != before)
        {
            step.Release(pooled);
        }

        return seen;
    }
}
