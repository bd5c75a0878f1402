using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>A basic block without its shortcut's projection; its body F is conv 3x3, BN, ReLU, conv 3x3, BN.</summary>
public sealed class ResidualBlock
{
    private readonly Conv2dLayer _conv1;
    private readonly BatchNormLayer _norm1;
    private readonly Conv2dLayer _conv2;
    private readonly BatchNormLayer _norm2;

    /// <summary>Declares a block.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="name">What the names of its parameters begin with.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">The stride of the first convolution.</param>
    /// <param name="dilation">The dilation of both convolutions.</param>
    public ResidualBlock(NetworkBuilder builder, string name, int inputs, int outputs, int stride, int dilation)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _conv1 = builder.BackboneConv(name + ".conv1", inputs, outputs, 3, new Conv2dOptions(stride, dilation, dilation));
        _norm1 = builder.BackboneNorm(name + ".bn1", outputs);
        _conv2 = builder.BackboneConv(name + ".conv2", outputs, outputs, 3, new Conv2dOptions(1, dilation, dilation));
        _norm2 = builder.BackboneNorm(name + ".bn2", outputs);
    }

    /// <summary>The batch norms, whose scale and shift <c>fix_BN</c> freezes.</summary>
    public IEnumerable<BatchNormLayer> Norms => [_norm1, _norm2];

    /// <summary>The convolutions with the shapes of their inputs, for cost reports.</summary>
    public IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape input) => [(_conv1, input), (_conv2, OutputShape(input))];

    /// <summary>Parameters of the body: filters, scales and shifts.</summary>
    public long ParameterCount => _conv1.Weight.Count + _conv2.Weight.Count + Norms.Sum(static n => n.Gamma.Count + n.Beta.Count);

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape(Shape input)
    {
        Conv2dGeometry g = _conv1.Geometry(input);
        return new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
    }

    /// <summary>Computes the branch F(x).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="groups">Streams along N that have batch-norm statistics of their own, in training; divides N.</param>
    /// <param name="updates">The streams whose statistics update the running ones, in order; each once if null.</param>
    public Tensor Forward(Step step, Tensor input, bool training, int groups = 1, IReadOnlyList<int>? updates = null)
    {
        Tensor x = ConvNorm(step, _conv1, _norm1, input, training, relu: true, groups, updates);
        Tensor y = ConvNorm(step, _conv2, _norm2, x, training, relu: false, groups, updates);
        step.Release(x);
        return y;
    }

    /// <summary>Computes the whole block: ReLU(r + F(x)), or select ReLU(r + F(x)) + skip r where there are gates, with the end in one pass over memory.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="residual">[N, h, w, outputs], the input or its projection.</param>
    /// <param name="gates">[S, 2], select and skip of each stream, or null.</param>
    /// <param name="sharedInput">Whether the S streams of the gates share the N images, so that the output has S * N.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="groups">Streams along N that have batch-norm statistics of their own, in training; divides N.</param>
    /// <param name="updates">The streams whose statistics update the running ones, in order; each once if null.</param>
    public Tensor ForwardResidual(
        Step step, Tensor input, Tensor residual, Tensor? gates, bool sharedInput, bool training, int groups = 1, IReadOnlyList<int>? updates = null)
    {
        Tensor x = ConvNorm(step, _conv1, _norm1, input, training, relu: true, groups, updates);
        Tensor y = _conv2.Forward(step, x);
        step.Release(x);
        Tensor output = _norm2.ForwardResidual(step, y, residual, gates, sharedInput, training, groups, updates);
        step.Release(y);
        return output;
    }

    internal static Tensor ConvNorm(Step step, Conv2dLayer conv, BatchNormLayer norm, Tensor input, bool training, bool relu, int groups, IReadOnlyList<int>? updates)
    {
        Tensor x = conv.Forward(step, input);
        Tensor y = norm.Forward(step, x, training, relu, groups, updates);
        step.Release(x);
        return y;
    }
}
