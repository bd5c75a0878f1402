using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mtan;

namespace AdaShare.Native.Methods.MtanStage;

/// <summary>
/// A backbone that all tasks share. At each stage a task's mask, computed from the output of the last block but one and the task's refined features of the stage before, multiplies the output
/// of the last block; the last product is what the head reads.
/// </summary>
public sealed class MtanStageNetwork : TaskNetwork
{
    private readonly Backbone _backbone;
    private readonly SharedRefinement[] _refinements;
    private readonly ParameterGroup _group;
    private readonly AttentionMask[][] _masks;

    /// <summary>Declares and allocates the network.</summary>
    /// <param name="spec">The size; every stage has at least two blocks.</param>
    /// <param name="reduction">What a stage's width is divided by for the middle of masks and refinements, 1 or more.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public MtanStageNetwork(NetworkSpec spec, int reduction, Backend backend, DType type = DType.Float32)
        : base(spec, backend)
    {
        BackboneSpec form = spec.Backbone;
        _backbone = new Backbone(Builder, form);
        _refinements =
        [
            .. Enumerable.Range(0, form.Channels.Count - 1).Select(stage => new SharedRefinement(
                Builder, $"refinement.{stage}", form.Channels[stage], form.Channels[stage + 1] / reduction, form.Channels[stage + 1], form.Strides[stage + 1])),
        ];
        DeclareHeads(static task => TaskNames.Head(task.Name));
        _group = Builder.Store.Group("attention");
        _masks =
        [
            .. spec.Tasks.Select(task => form.Channels.Select((channels, stage) => new AttentionMask(
                Builder, _group, $"{task.Name}.attention.{stage}", Seen(stage), channels / reduction, channels)).ToArray()),
        ];
        Allocate(type);
    }

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => [new(_group, RateKind.Backbone)];

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => _backbone.FeatureShape(input);

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        RequireNoGates(context);
        bool training = context.Training, recompute = training && RecomputesBlocks;
        Tensor shared = _backbone.Stem.Forward(step, input, training);
        var refined = new Tensor?[tasks.Count];
        for (int stage = 0; stage < Spec.Backbone.Blocks.Count; stage++)
        {
            Tensor beforeLast = UpToLast(step, stage, shared, training, recompute);
            (int first, int count) = _backbone.Stages.Stage(stage);
            Tensor last = _backbone.Stages.RunBlock(step, first + count - 1, beforeLast, training, recompute);
            for (int i = 0; i < refined.Length; i++)
            {
                refined[i] = Attend(step, stage, tasks[i], beforeLast, last, refined[i], training, recompute);
            }

            step.Release(beforeLast);
            shared = last;
        }

        step.Release(shared);
        return new FeatureList(step, [.. refined.Select(static ofTask => ofTask!)]);
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        long parameters = LayerCost.Parameters(BackboneGroup) + LayerCost.Parameters(_group);
        long backbone = _backbone.MultiplyAdds(image), attention = 0;
        for (int stage = 0; stage < Spec.Backbone.Blocks.Count; stage++)
        {
            Shape shape = _backbone.StageShape(image, stage);
            attention += _masks[0][stage].MultiplyAdds(shape.With(3, Seen(stage))) + (stage < _refinements.Length ? _refinements[stage].MultiplyAdds(shape) : 0);
        }

        return new BackboneCost(parameters, parameters, backbone + (tasks.Count * attention), tasks.Count * (backbone + attention), tasks.Count * backbone);
    }

    /// <summary>Channels that a stage's masks see: those of its own features, and behind the first stage as many of the task's.</summary>
    private int Seen(int stage) => (stage == 0 ? 1 : 2) * Spec.Backbone.Channels[stage];

    /// <summary>All blocks of a stage but the last; the input is given up.</summary>
    private Tensor UpToLast(Step step, int stage, Tensor input, bool training, bool recompute)
    {
        (int first, int count) = _backbone.Stages.Stage(stage);
        Tensor x = input;
        for (int b = first; b < first + count - 1; b++)
        {
            Tensor y = _backbone.Stages.RunBlock(step, b, x, training, recompute);
            step.Release(x);
            x = y;
        }

        return x;
    }

    private Tensor Attend(Step step, int stage, int task, Tensor beforeLast, Tensor last, Tensor? refined, bool training, bool recompute)
    {
        Tensor attended = recompute ? step.Recompute(refined is null ? [beforeLast, last] : [beforeLast, last, refined], Run) : Run();
        if (refined is not null)
        {
            step.Release(refined);
        }

        return attended;

        Tensor Run()
        {
            Tensor seen = refined is null ? beforeLast : step.Concat([beforeLast, refined], 3);
            Tensor product = _masks[task][stage].Attend(step, last, seen, training);
            if (seen != beforeLast)
            {
                step.Release(seen);
            }

            if (stage == _refinements.Length)
            {
                return product;
            }

            Tensor next = _refinements[stage].Forward(step, product, training);
            step.Release(product);
            return next;
        }
    }
}
