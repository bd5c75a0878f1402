using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The stem of a ResNet: conv 7x7 with stride 2, BN, ReLU, max pool 3x3 with stride 2.</summary>
public sealed class BackboneStem
{
    private const int PoolKernel = 3;
    private const int PoolStride = 2;
    private const int PoolPadding = 1;

    private readonly Conv2dLayer _conv;
    private readonly bool _poolsPartialWindows;

    /// <summary>Declares a stem.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The form of the backbone that it belongs to.</param>
    /// <param name="prefix">What its parameters' names begin with; the official code's name if absent.</param>
    public BackboneStem(NetworkBuilder builder, BackboneSpec spec, string prefix = Backbone.OfficialName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        _poolsPartialWindows = spec.PoolsPartialWindows;
        _conv = builder.BackboneConv(prefix + ".conv1", 3, spec.StemChannels, 7, new Conv2dOptions(2, 3));
        Norms = builder.BackboneNorms(prefix, "bn1", spec.StemChannels);
    }

    /// <summary>The batch norm, or those of the tasks.</summary>
    public TaskNorms Norms { get; }

    /// <summary>The convolution with the shape of its input, for cost reports.</summary>
    public (Conv2dLayer Layer, Shape Input) Convolution(Shape images) => (_conv, images);

    /// <summary>Multiply-adds for images [N, H, W, 3].</summary>
    public long MultiplyAdds(Shape images) => LayerCost.MultiplyAdds(Convolution(images));

    /// <summary>The shape of what the stem makes of images [N, H, W, 3].</summary>
    public Shape OutputShape(Shape images)
    {
        Conv2dGeometry g = _conv.Geometry(images);
        var convolved = new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
        PoolGeometry p = PoolGeometry.Of("max_pool2d", convolved, PoolKernel, PoolKernel, PoolStride, PoolPadding, _poolsPartialWindows, countPadding: true);
        return new Shape(p.Batch, p.OutputHeight, p.OutputWidth, p.Channels);
    }

    /// <summary>Computes the stem.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="training">Whether the batch norm uses the batch's own statistics.</param>
    /// <param name="updates">One entry, 0, for each pass in which the running statistics see the batch; one if null.</param>
    /// <param name="task">Whose batch norm is used, where each task has its own.</param>
    /// <returns>[N, h, w, C] at a quarter of the size.</returns>
    public Tensor Forward(Step step, Tensor images, bool training, IReadOnlyList<int>? updates = null, int task = 0) =>
        Pool(step, ResidualBlock.ConvNorm(step, _conv, Norms.Of(task), images, training, relu: true, groups: 1, updates));

    /// <summary>Computes the stem for several tasks, each through its own batch norm; the convolution, which they have in common, once.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="tasks">The tasks' indices in the model.</param>
    /// <returns>[N, h, w, C] for each task.</returns>
    public IReadOnlyList<Tensor> ForwardTasks(Step step, Tensor images, bool training, IReadOnlyList<int> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tensor convolved = _conv.Forward(step, images);
        Tensor[] ofTasks = [.. tasks.Select(task => Pool(step, Norms.Of(task).Forward(step, convolved, training, relu: true)))];
        step.Release(convolved);
        return ofTasks;
    }

    private Tensor Pool(Step step, Tensor features)
    {
        Tensor pooled = step.MaxPool2d(features, PoolKernel, PoolStride, PoolPadding, _poolsPartialWindows);
        step.Release(features);
        return pooled;
    }
}
