using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>A residual block without its shortcut's projection; its body F is conv, BN, ReLU, …, conv, BN, see <see cref="BlockKind"/>. Where the network reads texts, what is 3x3 here is 3 along the text.</summary>
public sealed class ResidualBlock
{
    private readonly (Conv2dLayer Conv, TaskNorms Norms)[] _layers;

    /// <summary>Declares a block.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="name">What the names of its parameters begin with.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">The stride of the first convolution 3x3.</param>
    /// <param name="dilation">The dilation of the convolutions 3x3.</param>
    /// <param name="kind">The form of the body.</param>
    public ResidualBlock(NetworkBuilder builder, string name, int inputs, int outputs, int stride, int dilation, BlockKind kind = BlockKind.Basic)
    {
        ArgumentNullException.ThrowIfNull(builder);
        int width = outputs / kind.Expansion();
        (Conv2dLayer Conv, TaskNorms Norms) Layer(int number, int from, int to, int kernel, Conv2dOptions options) =>
            (builder.BackboneConv($"{name}.conv{number}", from, to, kernel, options), builder.BackboneNorms(name, $"bn{number}", to));
        _layers = kind != BlockKind.Basic
            ?
            [
                Layer(1, inputs, width, 1, new Conv2dOptions(1)),
                Layer(2, width, width, 3, new Conv2dOptions(stride, dilation, dilation)),
                Layer(3, width, outputs, 1, new Conv2dOptions(1)),
            ]
            :
            [
                Layer(1, inputs, width, 3, new Conv2dOptions(stride, dilation, dilation)),
                Layer(2, width, outputs, 3, new Conv2dOptions(1, dilation, dilation)),
            ];
    }

    /// <summary>The batch norms, whose scale and shift <c>fix_BN</c> freezes.</summary>
    public IEnumerable<BatchNormLayer> Norms => _layers.SelectMany(static layer => layer.Norms.All);

    /// <summary>The convolutions with the shapes of their inputs, for cost reports.</summary>
    public IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape input)
    {
        Shape shape = input;
        foreach ((Conv2dLayer conv, _) in _layers)
        {
            yield return (conv, shape);
            shape = OutputOf(conv, shape);
        }
    }

    /// <summary>Parameters of the body: filters, scales and shifts, those of all tasks.</summary>
    public long ParameterCount => _layers.Sum(static layer => layer.Conv.Weight.Count + (layer.Norms.All.Count * layer.Norms.ParametersOfOne));

    /// <summary>Those of them that are a single task's own: scales and shifts where each task has its own batch norms, otherwise none.</summary>
    public long ParametersOfATask => _layers.Sum(static layer => layer.Norms.IsPerTask ? layer.Norms.ParametersOfOne : 0);

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape(Shape input) => _layers.Aggregate(input, static (shape, layer) => OutputOf(layer.Conv, shape));

    /// <summary>Computes the branch F(x).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="groups">Streams along N that have batch-norm statistics of their own, in training; divides N.</param>
    /// <param name="updates">The streams whose statistics update the running ones, in order; each once if null.</param>
    /// <param name="task">Whose batch norms are used, where each task has its own.</param>
    public Tensor Forward(Step step, Tensor input, bool training, int groups = 1, IReadOnlyList<int>? updates = null, int task = 0)
    {
        Tensor x = ForwardToLast(step, input, training, groups, updates, task);
        (Conv2dLayer conv, TaskNorms norms) = _layers[^1];
        Tensor y = ConvNorm(step, conv, norms.Of(task), x, training, relu: false, groups, updates);
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
    /// <param name="task">Whose batch norms are used, where each task has its own.</param>
    public Tensor ForwardResidual(
        Step step, Tensor input, Tensor residual, Tensor? gates, bool sharedInput, bool training, int groups = 1, IReadOnlyList<int>? updates = null, int task = 0)
    {
        Tensor x = ForwardToLast(step, input, training, groups, updates, task);
        (Conv2dLayer conv, TaskNorms norms) = _layers[^1];
        Tensor y = conv.Forward(step, x);
        step.Release(x);
        Tensor output = norms.Of(task).ForwardResidual(step, y, residual, gates, sharedInput, training, groups, updates);
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

    // Everything that the last convolution reads.
    private Tensor ForwardToLast(Step step, Tensor input, bool training, int groups, IReadOnlyList<int>? updates, int task)
    {
        Tensor x = input;
        foreach ((Conv2dLayer conv, TaskNorms norms) in _layers.AsSpan(0, _layers.Length - 1))
        {
            Tensor y = ConvNorm(step, conv, norms.Of(task), x, training, relu: true, groups, updates);
            if (x != input)
            {
                step.Release(x);
            }

            x = y;
        }

        return x;
    }

    private static Shape OutputOf(Conv2dLayer conv, Shape input)
    {
        Conv2dGeometry g = conv.Geometry(input);
        return new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
    }
}
