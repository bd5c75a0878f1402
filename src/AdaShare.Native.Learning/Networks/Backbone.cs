using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>A Deeplab-ResNet: a stem, then residual blocks, which a plan may run, skip or mix for each task.</summary>
public sealed class Backbone
{
    private readonly Conv2dLayer _stem;
    private readonly BatchNormLayer _stemNorm;
    private readonly List<(ResidualBlock Body, Projection? Projection)> _blocks = [];

    /// <summary>Declares a backbone.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The form.</param>
    /// <param name="prefix">What its parameters' names begin with, so that several fit in one store; the official code's name if absent.</param>
    public Backbone(NetworkBuilder builder, BackboneSpec spec, string prefix = "backbone")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        _stem = builder.BackboneConv(prefix + ".conv1", 3, spec.StemChannels, 7, new Conv2dOptions(2, 3));
        _stemNorm = builder.BackboneNorm(prefix + ".bn1", spec.StemChannels);
        int inputs = spec.StemChannels;
        for (int stage = 0; stage < spec.Blocks.Count; stage++)
        {
            int outputs = spec.Channels[stage], stride = spec.Strides[stage], dilation = spec.Dilations[stage];
            bool projects = stride != 1 || inputs != outputs || dilation is 2 or 4;
            for (int b = 0; b < spec.Blocks[stage]; b++)
            {
                var body = new ResidualBlock(builder, $"{prefix}.blocks.{stage}.{b}", inputs, outputs, b == 0 ? stride : 1, dilation);
                Projection? projection = b == 0 && projects ? new Projection(builder, $"{prefix}.ds.{stage}", inputs, outputs, stride) : null;
                _blocks.Add((body, projection));
                inputs = outputs;
            }
        }
    }

    /// <summary>The form.</summary>
    public BackboneSpec Spec { get; }

    /// <summary>The type of the parameters, and of gates.</summary>
    public DType ParameterType => _stemNorm.Gamma.Value.DType;

    /// <summary>The residual blocks from the first to the last, with their projections.</summary>
    public IReadOnlyList<(ResidualBlock Body, Projection? Projection)> Blocks => _blocks;

    /// <summary>The batch norms whose parameters' names hold "bn" in the official code: all but those of the projections.</summary>
    public IEnumerable<BatchNormLayer> NormsOfBlocksAndStem => _blocks.SelectMany(static b => b.Body.Norms).Prepend(_stemNorm);

    /// <summary>The stem's convolution with the shape of its input, for cost reports.</summary>
    public (Conv2dLayer Layer, Shape Input) StemConvolution(Shape input) => (_stem, input);

    /// <summary>The shape of what the stem makes of an input.</summary>
    public Shape StemShape(Shape input)
    {
        Conv2dGeometry g = _stem.Geometry(input);
        var convolved = new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
        PoolGeometry p = PoolGeometry.Of("max_pool2d", convolved, 3, 3, 2, 1, ceilMode: true, countPadding: true);
        return new Shape(p.Batch, p.OutputHeight, p.OutputWidth, p.Channels);
    }

    /// <summary>The shape of the features of an input [N, H, W, 3].</summary>
    public Shape FeatureShape(Shape input) => _blocks.Aggregate(StemShape(input), static (shape, block) => block.Body.OutputShape(shape));

    /// <summary>Computes the stem: conv 7x7, BN, ReLU, max pool.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="updates">One entry, 0, for each pass in which the running statistics see the batch; one if null.</param>
    /// <returns>[N, h, w, C] at a quarter of the size.</returns>
    public Tensor Stem(Step step, Tensor images, bool training, IReadOnlyList<int>? updates = null)
    {
        Tensor stem = ResidualBlock.ConvNorm(step, _stem, _stemNorm, images, training, relu: true, groups: 1, updates);
        Tensor x = step.MaxPool2d(stem, kernel: 3, stride: 2, padding: 1, ceilMode: true);
        step.Release(stem);
        return x;
    }

    /// <summary>Computes a residual block as it is, for all images together: ReLU(r + F(x)).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="block">Which block, from 0.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">Whether what lies in the block's body is not kept for the backward pass but computed again there.</param>
    public Tensor RunBlock(Step step, int block, Tensor input, bool training, bool recompute = false)
    {
        ArgumentNullException.ThrowIfNull(step);
        (ResidualBlock body, Projection? projection) = _blocks[block];
        Tensor residual = projection is null ? input : projection.Forward(step, input, training);
        Tensor Run() => body.ForwardResidual(step, input, residual, gates: null, sharedInput: false, training);
        Tensor output = recompute ? step.Recompute([input, residual], Run) : Run();
        if (residual != input)
        {
            step.Release(residual);
        }

        return output;
    }

    /// <summary>Computes the blocks of a stage, one after another.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="stage">Which stage, from 0.</param>
    /// <param name="input">[N, H, W, C]; it stays the caller's.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">See <see cref="RunBlock"/>.</param>
    public Tensor RunStage(Step step, int stage, Tensor input, bool training, bool recompute = false)
    {
        ArgumentNullException.ThrowIfNull(step);
        (int first, int count) = Stage(stage);
        Tensor x = input;
        for (int b = first; b < first + count; b++)
        {
            Tensor y = RunBlock(step, b, x, training, recompute);
            if (x != input)
            {
                step.Release(x);
            }

            x = y;
        }

        return x;
    }

    /// <summary>The first block of a stage and the number of its blocks.</summary>
    public (int First, int Count) Stage(int stage) => (Spec.Blocks.Take(stage).Sum(), Spec.Blocks[stage]);

    /// <summary>The shape of the output of a stage for an input [N, H, W, 3].</summary>
    public Shape StageShape(Shape input, int stage)
    {
        (int first, int count) = Stage(stage);
        return _blocks.Take(first + count).Aggregate(StemShape(input), static (shape, block) => block.Body.OutputShape(shape));
    }

    /// <summary>Multiply-adds of one pass through every block for an input [N, H, W, 3]; batch norms and additions are not counted.</summary>
    public long MultiplyAdds(Shape input)
    {
        Shape shape = StemShape(input);
        long sum = LayerCost.MultiplyAdds(StemConvolution(input));
        foreach ((ResidualBlock body, Projection? projection) in _blocks)
        {
            sum += (projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(shape))) + body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = body.OutputShape(shape);
        }

        return sum;
    }
}
