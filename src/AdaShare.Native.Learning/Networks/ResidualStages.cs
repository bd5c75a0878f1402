using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// Some consecutive stages of a backbone, or all: residual blocks with their projections. Networks that share a trunk and branch behind it have several of these.
/// </summary>
public sealed class ResidualStages
{
    private readonly List<(ResidualBlock Body, Projection? Projection)> _blocks = [];
    private readonly BackboneSpec _spec;
    private readonly int _firstStage;

    /// <summary>Declares stages.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The form of the backbone that they belong to.</param>
    /// <param name="prefix">What their parameters' names begin with; stages and blocks keep the numbers that they have in the whole backbone.</param>
    /// <param name="firstStage">The first stage, from 0.</param>
    /// <param name="stages">How many; all that follow if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The backbone has no such stages.</exception>
    public ResidualStages(NetworkBuilder builder, BackboneSpec spec, string prefix = Backbone.OfficialName, int firstStage = 0, int? stages = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfNegative(firstStage);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstStage, spec.Blocks.Count);
        (_spec, _firstStage, StageCount) = (spec, firstStage, stages ?? spec.Blocks.Count - firstStage);
        ArgumentOutOfRangeException.ThrowIfNegative(StageCount, nameof(stages));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstStage + StageCount, spec.Blocks.Count, nameof(stages));
        for (int stage = firstStage; stage < firstStage + StageCount; stage++)
        {
            for (int block = 0; block < spec.Blocks[stage]; block++)
            {
                _blocks.Add(Declare(builder, spec, prefix, stage, block));
            }
        }
    }

    /// <summary>The number of stages.</summary>
    public int StageCount { get; }

    /// <summary>The residual blocks from the first to the last, with their projections.</summary>
    public IReadOnlyList<(ResidualBlock Body, Projection? Projection)> Blocks => _blocks;

    /// <summary>Declares a block of a backbone alone.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The form of the backbone.</param>
    /// <param name="prefix">What its parameters' names begin with.</param>
    /// <param name="stage">The stage, from 0.</param>
    /// <param name="block">The block of the stage, from 0.</param>
    public static (ResidualBlock Body, Projection? Projection) Declare(NetworkBuilder builder, BackboneSpec spec, string prefix, int stage, int block)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        int outputs = spec.Channels[stage], stride = block == 0 ? spec.Strides[stage] : 1, dilation = spec.Dilations[stage];
        int inputs = block > 0 ? outputs : stage > 0 ? spec.Channels[stage - 1] : spec.StemChannels;
        bool projects = block == 0 && (stride != 1 || inputs != outputs || dilation is 2 or 4);
        var body = new ResidualBlock(builder, $"{prefix}.blocks.{stage}.{block}", inputs, outputs, stride, dilation, spec.Block);
        return (body, projects ? new Projection(builder, prefix, $"ds.{stage}", inputs, outputs, stride) : null);
    }

    /// <summary>The first block of a stage, counted from the first block here, and the number of its blocks.</summary>
    /// <param name="stage">The stage, from 0, counted from the first stage here.</param>
    public (int First, int Count) Stage(int stage) => (_spec.Blocks.Skip(_firstStage).Take(stage).Sum(), _spec.Blocks[_firstStage + stage]);

    /// <summary>The shape of the output of some blocks, the first ones.</summary>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="blocks">How many blocks; all if null.</param>
    public Shape OutputShape(Shape input, int? blocks = null) => _blocks.Take(blocks ?? _blocks.Count).Aggregate(input, static (shape, block) => block.Body.OutputShape(shape));

    /// <summary>Multiply-adds of one pass through some blocks, the first ones; batch norms and additions are not counted.</summary>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="blocks">How many blocks; all if null.</param>
    public long MultiplyAdds(Shape input, int? blocks = null)
    {
        long sum = 0;
        Shape shape = input;
        foreach ((ResidualBlock body, Projection? projection) in _blocks.Take(blocks ?? _blocks.Count))
        {
            sum += (projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(shape))) + body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = body.OutputShape(shape);
        }

        return sum;
    }

    /// <summary>Computes a residual block as it is, for all images together: ReLU(r + F(x)).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="block">Which block, from 0.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">Whether what lies in the block's body is not kept for the backward pass but computed again there.</param>
    /// <param name="task">Whose batch norms are used, where each task has its own.</param>
    public Tensor RunBlock(Step step, int block, Tensor input, bool training, bool recompute = false, int task = 0) =>
        RunAlone(step, _blocks[block], input, training, recompute, task);

    /// <summary>As <see cref="RunBlock"/>, of a block that was declared alone.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="block">The block.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">Whether what lies in the block's body is not kept for the backward pass but computed again there.</param>
    /// <param name="task">Whose batch norms are used, where each task has its own.</param>
    public static Tensor RunAlone(Step step, (ResidualBlock Body, Projection? Projection) block, Tensor input, bool training, bool recompute = false, int task = 0)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        (ResidualBlock body, Projection? projection) = block;
        Tensor residual = projection is null ? input : projection.Forward(step, input, training, task: task);
        Tensor Run() => body.ForwardResidual(step, input, residual, gates: null, sharedInput: false, training, task: task);
        Tensor output = recompute ? step.Recompute([input, residual], Run) : Run();
        if (residual != input)
        {
            step.Release(residual);
        }

        return output;
    }

    /// <summary>Computes the blocks of a stage, one after another.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="stage">Which stage, from 0, counted from the first stage here.</param>
    /// <param name="input">[N, H, W, C]; it stays the caller's.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">See <see cref="RunBlock"/>.</param>
    public Tensor RunStage(Step step, int stage, Tensor input, bool training, bool recompute = false)
    {
        (int first, int count) = Stage(stage);
        return Run(step, first, count, input, training, recompute);
    }

    /// <summary>Computes all blocks, one after another.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C]; it stays the caller's. Without any block it is the output.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <param name="recompute">See <see cref="RunBlock"/>.</param>
    public Tensor Forward(Step step, Tensor input, bool training, bool recompute = false) => Run(step, 0, _blocks.Count, input, training, recompute);

    private Tensor Run(Step step, int first, int count, Tensor input, bool training, bool recompute)
    {
        ArgumentNullException.ThrowIfNull(step);
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
}
