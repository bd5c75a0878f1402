using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.MultiTask.Model;

/// <summary>The shared Deeplab-ResNet: a stem, then residual blocks that each task runs, skips or mixes.</summary>
public sealed class Backbone
{
    private readonly Conv2dLayer _stem;
    private readonly BatchNormLayer _stemNorm;
    private readonly List<(ResidualBlock Body, Projection? Projection)> _blocks = [];

    internal Backbone(NetworkBuilder builder, BackboneSpec spec)
    {
        Spec = spec;
        _stem = builder.BackboneConv("backbone.conv1", 3, spec.StemChannels, 7, new Conv2dOptions(2, 3));
        _stemNorm = builder.BackboneNorm("backbone.bn1", spec.StemChannels);
        int inputs = spec.StemChannels;
        for (int stage = 0; stage < spec.Blocks.Count; stage++)
        {
            int outputs = spec.Channels[stage], stride = spec.Strides[stage], dilation = spec.Dilations[stage];
            bool projects = stride != 1 || inputs != outputs || dilation is 2 or 4;
            for (int b = 0; b < spec.Blocks[stage]; b++)
            {
                var body = new ResidualBlock(builder, $"backbone.blocks.{stage}.{b}", inputs, outputs, b == 0 ? stride : 1, dilation);
                Projection? projection = b == 0 && projects ? new Projection(builder, $"backbone.ds.{stage}", inputs, outputs, stride) : null;
                _blocks.Add((body, projection));
                inputs = outputs;
            }
        }
    }

    /// <summary>The form.</summary>
    public BackboneSpec Spec { get; }

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

    /// <summary>Computes the features of one task.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="gates">The task's gate for each block, or null where all blocks run.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <returns>[N, h, w, C] at an eighth of the size.</returns>
    public Tensor Forward(Step step, Tensor images, IReadOnlyList<Gate>? gates, bool training)
    {
        Tensor stem = ResidualBlock.ConvNorm(step, _stem, _stemNorm, images, training, relu: true);
        Tensor x = step.MaxPool2d(stem, kernel: 3, stride: 2, padding: 1, ceilMode: true);
        step.Release(stem);
        for (int i = 0; i < _blocks.Count; i++)
        {
            Tensor y = ForwardBlock(step, i, x, gates?[i] ?? Gate.On, training);
            if (y != x)
            {
                step.Release(x);
                x = y;
            }
        }

        return x;
    }

    private Tensor ForwardBlock(Step step, int index, Tensor x, Gate gate, bool training)
    {
        (ResidualBlock body, Projection? projection) = _blocks[index];
        Tensor residual = projection?.Forward(step, x, training) ?? x;
        if (gate.Kind == GateKind.Off)
        {
            return residual;
        }

        if (gate.Kind == GateKind.Silent)
        {
            // Only the running statistics of the batch norms change.
            using (step.PauseRecording())
            {
                step.Release(body.Forward(step, x, training));
            }

            return residual;
        }

        Tensor branch = body.Forward(step, x, training);
        Tensor y = gate.Weights is { } weights ? step.GatedResidual(branch, residual, weights) : AddRelu(step, branch, residual);
        step.Release(branch);
        if (residual != x)
        {
            step.Release(residual);
        }

        return y;
    }

    private static Tensor AddRelu(Step step, Tensor branch, Tensor residual)
    {
        Tensor sum = step.Add(residual, branch);
        Tensor y = step.Relu(sum);
        step.Release(sum);
        return y;
    }
}
