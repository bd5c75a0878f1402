using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Execution;

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

    /// <summary>Computes the features of every task.</summary>
    /// <param name="step">The step that owns the features.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="plan">What is computed, and for whom.</param>
    /// <param name="gates">The gates that the plan was made from; null for a plan without soft gates.</param>
    /// <returns>For each task [N, h, w, C] at an eighth of the size. The caller disposes it after the heads.</returns>
    /// <exception cref="ArgumentException">The plan is for another number of blocks, or a soft gate has no weights.</exception>
    public TaskFeatures Forward(Step step, Tensor images, ExecutionPlan plan, IReadOnlyList<IReadOnlyList<Gate>>? gates = null)
    {
        Check(plan);
        int batch = images.Shape[0];
        Tensor stem = Stem(step, images, plan.Training, plan.StemUpdates);
        return new TaskFeatures(step, plan, new PlanExecutor(step, this, plan, gates, batch).Run(stem), batch);
    }

    internal void Check(ExecutionPlan plan)
    {
        if (plan.Blocks.Count != _blocks.Count)
        {
            throw new ArgumentException($"execution plan: it is for {plan.Blocks.Count} blocks, the backbone {Spec.Name} has {_blocks.Count}", nameof(plan));
        }
    }
}
