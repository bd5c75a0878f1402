using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>What a backbone does before its first residual block, see <see cref="StemKind"/>: a convolution, BN and ReLU, before them an embedding where texts go in, behind them max pooling where images are large.</summary>
public sealed class BackboneStem
{
    private const int PoolKernel = 3;
    private const int PoolStride = 2;
    private const int PoolPadding = 1;
    private const int Colours = 3;

    private readonly CharacterEmbedding? _embedding;
    private readonly Conv2dLayer _conv;
    private readonly bool _pools;
    private readonly bool _poolsPartialWindows;

    /// <summary>Declares a stem.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The form of the backbone that it belongs to.</param>
    /// <param name="prefix">What its parameters' names begin with; the official code's name if absent.</param>
    /// <exception cref="ArgumentException">The builder makes layers for images, and the backbone is for texts, or the other way round.</exception>
    public BackboneStem(NetworkBuilder builder, BackboneSpec spec, string prefix = Backbone.OfficialName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        builder.Require(spec.Inputs);
        (_pools, _poolsPartialWindows) = (spec.Stem == StemKind.Pooled, spec.PoolsPartialWindows);
        _embedding = spec.Stem == StemKind.Text ? new CharacterEmbedding(builder, prefix) : null;
        _conv = spec.Stem switch
        {
            StemKind.Pooled => builder.BackboneConv(prefix + ".conv1", Colours, spec.StemChannels, 7, new Conv2dOptions(2, 3)),
            StemKind.Small => builder.BackboneConv(prefix + ".conv1", Colours, spec.StemChannels, 3, new Conv2dOptions(1, 1)),
            _ => builder.BackboneConv(prefix + ".conv1", CharacterEmbedding.Size, spec.StemChannels, 3, new Conv2dOptions(1, 1)),
        };
        Norms = builder.BackboneNorms(prefix, "bn1", spec.StemChannels);
    }

    /// <summary>The batch norm, or those of the tasks.</summary>
    public TaskNorms Norms { get; }

    /// <summary>The convolution with the shape of its input, for cost reports.</summary>
    /// <param name="images">[N, H, W, 3], or texts [N, 1, L, 1].</param>
    public (Conv2dLayer Layer, Shape Input) Convolution(Shape images) => (_conv, _embedding is null ? images : CharacterEmbedding.OutputShape(images));

    /// <summary>Multiply-adds for images [N, H, W, 3], or texts [N, 1, L, 1].</summary>
    public long MultiplyAdds(Shape images) => LayerCost.MultiplyAdds(Convolution(images));

    /// <summary>The shape of what the stem makes of images [N, H, W, 3], or texts [N, 1, L, 1].</summary>
    public Shape OutputShape(Shape images)
    {
        Conv2dGeometry g = _conv.Geometry(Convolution(images).Input);
        var convolved = new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
        if (!_pools)
        {
            return convolved;
        }

        PoolGeometry p = PoolGeometry.Of("max_pool2d", convolved, PoolKernel, PoolKernel, PoolStride, PoolPadding, _poolsPartialWindows, countPadding: true);
        return new Shape(p.Batch, p.OutputHeight, p.OutputWidth, p.Channels);
    }

    /// <summary>Computes the stem.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">[N, H, W, 3], or texts [N, 1, L, 1].</param>
    /// <param name="training">Whether the batch norm uses the batch's own statistics.</param>
    /// <param name="updates">One entry, 0, for each pass in which the running statistics see the batch; one if null.</param>
    /// <param name="task">Whose batch norm is used, where each task has its own.</param>
    /// <returns>[N, h, w, C] at the size of <see cref="OutputShape"/>.</returns>
    public Tensor Forward(Step step, Tensor images, bool training, IReadOnlyList<int>? updates = null, int task = 0)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor input = Embed(step, images);
        Tensor features = ResidualBlock.ConvNorm(step, _conv, Norms.Of(task), input, training, relu: true, groups: 1, updates);
        ReleaseEmbedded(step, input, images);
        return Pool(step, features);
    }

    /// <summary>Computes the stem for several tasks, each through its own batch norm; the convolution, which they have in common, once.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="images">[N, H, W, 3], or texts [N, 1, L, 1].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="tasks">The tasks' indices in the model.</param>
    /// <returns>[N, h, w, C] for each task.</returns>
    public IReadOnlyList<Tensor> ForwardTasks(Step step, Tensor images, bool training, IReadOnlyList<int> tasks)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(tasks);
        Tensor input = Embed(step, images);
        Tensor convolved = _conv.Forward(step, input);
        ReleaseEmbedded(step, input, images);
        Tensor[] ofTasks = [.. tasks.Select(task => Pool(step, Norms.Of(task).Forward(step, convolved, training, relu: true)))];
        step.Release(convolved);
        return ofTasks;
    }

    private Tensor Embed(Step step, Tensor images) => _embedding is null ? images : _embedding.Forward(step, images);

    private static void ReleaseEmbedded(Step step, Tensor input, Tensor images)
    {
        if (input != images)
        {
            step.Release(input);
        }
    }

    private Tensor Pool(Step step, Tensor features)
    {
        if (!_pools)
        {
            return features;
        }

        Tensor pooled = step.MaxPool2d(features, PoolKernel, PoolStride, PoolPadding, _poolsPartialWindows);
        step.Release(features);
        return pooled;
    }
}
