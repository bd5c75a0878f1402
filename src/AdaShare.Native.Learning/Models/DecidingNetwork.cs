using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Models;

/// <summary>What a network decided for the images of a group.</summary>
/// <param name="Gates">A row for each task of the network, or one for all.</param>
/// <param name="Outputs">What the policy network said, [N, outputs].</param>
/// <param name="Probability">The probability that an image runs a block [image][row][block]; null where nobody has read it.</param>
public sealed record ImageDecision(GateTable Gates, Tensor Outputs, double[][][]? Probability);

/// <summary>A shared network with a policy network, which decides for each image what the backbone does with it, where the gates of a pass are <see cref="GateTable.Decided"/>.</summary>
public abstract class DecidingNetwork : SharedNetwork
{
    private readonly Dictionary<int, IReadOnlyList<(int Images, ExecutionPlan Plan)>> _last = [];
    private DecisionCount _count;

    /// <summary>Declares and allocates the network.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="outputs">Numbers that the policy network gives for an image.</param>
    /// <param name="more">Declares what follows the policy network, or null.</param>
    protected DecidingNetwork(NetworkSpec spec, Backend backend, DType type, int outputs, Action<NetworkBuilder>? more = null)
        : this(spec, backend, type, outputs, more, [])
    {
    }

    private DecidingNetwork(NetworkSpec spec, Backend backend, DType type, int outputs, Action<NetworkBuilder>? more, List<PolicyNetwork> made)
        : base(spec, backend, type, builder =>
        {
            made.Add(new PolicyNetwork(builder, spec.Backbone, outputs));
            more?.Invoke(builder);
        })
    {
        Policy = made[0];
        _count = new DecisionCount(spec.Tasks.Count, spec.Backbone.BlockCount);
    }

    /// <summary>What decides.</summary>
    public PolicyNetwork Policy { get; }

    /// <summary>Its parameters.</summary>
    public ParameterGroup PolicyGroup => Store.Group(PolicyNetwork.GroupName);

    /// <summary>The factor on the backbone's rate with which the weights' optimiser moves the policy network too; null where another optimiser moves it, or none.</summary>
    public double? PolicyRate { get; set; }

    /// <summary>What the last pass decided; its tensors are of that pass's step.</summary>
    public ImageDecision? Last { get; private set; }

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => PolicyRate is { } factor ? [new(PolicyGroup, RateKind.Backbone, factor)] : [];

    /// <summary>Whether one decision of an image is that of all tasks, which are then one pass.</summary>
    protected abstract bool DecidesForAllTasks { get; }

    /// <inheritdoc/>
    public override void ClearDecisions() => _count = new DecisionCount(Tasks.Count, Spec.Backbone.BlockCount);

    /// <inheritdoc/>
    public override DecisionCost? DecidedCost(int height, int width) => _count.Cost(Backbone, Policy, Spec.Backbone.InputShape(height, width));

    /// <summary>Of a pass that decides, the cost of the last one that was drawn, a mean over its images.</summary>
    public override long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        if (!gates.IsDecided || !_last.TryGetValue(tasks[0], out IReadOnlyList<(int Images, ExecutionPlan Plan)>? passes))
        {
            return base.MultiplyAdds(gates, tasks, height, width);
        }

        var image = Spec.Backbone.InputShape(height, width);
        long sum = passes.Sum(pass => pass.Images * PlanCost.Of(pass.Plan, Backbone, height, width).Total);
        return (sum / passes.Sum(static pass => pass.Images)) + Policy.MultiplyAdds(image) + HeadMultiplyAdds(tasks, image);
    }

    /// <summary>Decides.</summary>
    /// <param name="step">The step that owns what is computed.</param>
    /// <param name="input">[N, H, W, 3], in the type of the activations.</param>
    /// <param name="context">How the pass is made; where it does not sample, the likeliest decisions are taken, as hard gates.</param>
    protected abstract ImageDecision Decide(Step step, Tensor input, ForwardContext context);

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Gates.IsDecided)
        {
            return base.Features(step, input, tasks, context);
        }

        using (SectionScope section = step.Backend.EnterSection(StepSections.Policy))
        {
            Last = Decide(step, input, context);
        }

        Note(Last, tasks, input.Shape[0], context);
        return base.Features(step, input, tasks, context with { Gates = Last.Gates });
    }

    /// <summary>Where the images decide, the most that they can cost.</summary>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(gates);
        BackboneCost cost = base.BackboneCost(gates.IsDecided ? GateTable.Shared : gates, tasks, image);
        long parameters = LayerCost.Parameters(PolicyGroup), own = gates.IsDecided ? Policy.MultiplyAdds(image) : 0;
        return cost with
        {
            Parameters = cost.Parameters + parameters,
            UsedParameters = cost.UsedParameters + (gates.IsDecided ? parameters : 0),
            Executed = (gates.IsDecided && !DecidesForAllTasks ? cost.Passes : cost.Executed) + own,
            Passes = cost.Passes + own,
        };
    }

    private void Note(ImageDecision decision, IReadOnlyList<int> tasks, int images, ForwardContext context)
    {
        GateTable gates = decision.Gates.Of(tasks);
        if (context.Training)
        {
            _last[tasks[0]] = [(images, Plan(gates, tasks.Count, training: true))];
            return;
        }

        var passes = new List<(int Images, ExecutionPlan Plan)>();
        foreach (int[] alike in ImageGroups.Of(gates, images))
        {
            GateTable own = gates.OfImage(alike[0]);
            ExecutionPlan plan = Plan(own, tasks.Count, training: false);
            passes.Add((alike.Length, plan));
            if (!context.Samples)
            {
                _count.Add(own, plan, tasks, alike, decision.Probability);
            }
        }

        if (context.Samples)
        {
            _last[tasks[0]] = passes;
        }
    }
}
