using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Mtan;

/// <summary>A backbone that all tasks share, at every residual block an attention of each task, whose last features its head reads.</summary>
public sealed class MtanNetwork : TaskNetwork
{
    private readonly Backbone _backbone;
    private readonly ParameterGroup _group;
    private readonly BlockAttention[][] _attention;

    /// <summary>Declares and allocates the network.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public MtanNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32)
        : base(spec, backend)
    {
        _backbone = new Backbone(Builder, spec.Backbone);
        DeclareHeads(static task => TaskNames.Head(task.Name));
        _group = Builder.Store.Group("attention");
        _attention = [.. spec.Tasks.Select(task => Declare(task.Name))];
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
        var ofTasks = new Tensor?[tasks.Count];
        for (int b = 0; b < _backbone.Blocks.Count; b++)
        {
            Tensor next = _backbone.Stages.RunBlock(step, b, shared, training, recompute);
            step.Release(shared);
            shared = next;
            for (int i = 0; i < ofTasks.Length; i++)
            {
                ofTasks[i] = Attend(step, _attention[tasks[i]][b], shared, ofTasks[i], training, recompute);
            }
        }

        step.Release(shared);
        return new FeatureList(step, [.. ofTasks.Select(static ofTask => ofTask!)]);
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        long parameters = LayerCost.Parameters(BackboneGroup) + LayerCost.Parameters(_group);
        long backbone = _backbone.MultiplyAdds(image), attention = 0;
        Shape shape = _backbone.Stem.OutputShape(image);
        for (int b = 0; b < _backbone.Blocks.Count; b++)
        {
            shape = _backbone.Blocks[b].Body.OutputShape(shape);
            attention += _attention[0][b].MultiplyAdds(shape);
        }

        return new BackboneCost(parameters, parameters, backbone + (tasks.Count * attention), tasks.Count * (backbone + attention), tasks.Count * backbone);
    }

    private static Tensor Attend(Step step, BlockAttention attention, Tensor shared, Tensor? before, bool training, bool recompute)
    {
        Tensor Run() => attention.Forward(step, shared, before, training);
        Tensor attended = recompute ? step.Recompute(before is null ? [shared] : [shared, before], Run) : Run();
        if (before is not null)
        {
            step.Release(before);
        }

        return attended;
    }

    private BlockAttention[] Declare(string task)
    {
        BackboneSpec spec = Spec.Backbone;
        var attention = new List<BlockAttention>();
        int before = 0;
        for (int stage = 0; stage < spec.Blocks.Count; stage++)
        {
            for (int block = 0; block < spec.Blocks[stage]; block++)
            {
                attention.Add(new BlockAttention(Builder, _group, $"{task}.attention.{stage}.{block}", before, spec.Channels[stage], block == 0 ? spec.Strides[stage] : 1));
                before = spec.Channels[stage];
            }
        }

        return [.. attention];
    }
}
