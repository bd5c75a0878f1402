using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The shortcut of a stage's first block where size or dilation changes: conv 1x1, BN. It lies outside the gate and always runs.</summary>
public sealed class Projection
{
    private readonly Conv2dLayer _conv;

    /// <summary>Declares a projection.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="place">What the names of its parameters begin with.</param>
    /// <param name="name">What follows in them, behind the task's number where each task has a batch norm of its own.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">The stride.</param>
    public Projection(NetworkBuilder builder, string place, string name, int inputs, int outputs, int stride)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _conv = builder.BackboneConv($"{place}.{name}.0", inputs, outputs, 1, new Conv2dOptions(stride));
        Norms = builder.BackboneNorms(place, name + ".1", outputs);
    }

    /// <summary>The batch norm, or those of the tasks.</summary>
    public TaskNorms Norms { get; }

    /// <summary>The convolution with the shape of its input, for cost reports.</summary>
    public (Conv2dLayer Layer, Shape Input) Convolution(Shape input) => (_conv, input);

    /// <summary>Computes the shortcut.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether the batch norm uses the batch's own statistics.</param>
    /// <param name="groups">Streams along N that have batch-norm statistics of their own, in training; divides N.</param>
    /// <param name="updates">The streams whose statistics update the running ones, in order; each once if null.</param>
    /// <param name="task">Whose batch norm is used, where each task has its own.</param>
    public Tensor Forward(Step step, Tensor input, bool training, int groups = 1, IReadOnlyList<int>? updates = null, int task = 0) =>
        ResidualBlock.ConvNorm(step, _conv, Norms.Of(task), input, training, relu: false, groups, updates);
}
