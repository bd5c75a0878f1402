using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Models;

/// <summary>A backbone that all tasks share, under gates or without, and a head for each task, under the official state-dict names.</summary>
/// <remarks>
/// Where each task has batch norms of its own (<see cref="NetworkSpec.HasTaskNorms"/>), they count as shared in the sense of <see cref="TaskNetwork.IsShared"/>: they lie between shared filters, and a weighting of gradients
/// compares and weighs the backbone as a whole, as LibMTL does with its encoders.
/// </remarks>
public class SharedNetwork : TaskNetwork
{
    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="more">Declares what a method adds behind the heads, or null.</param>
    public SharedNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32, Action<NetworkBuilder>? more = null)
        : base(spec, backend)
    {
        Backbone = new Backbone(spec.HasTaskNorms ? Builder.WithTaskNorms(spec.Tasks.Count) : Builder, spec.Backbone);
        DeclareHeads();
        more?.Invoke(Builder);
        Allocate(type);
    }

    /// <summary>The shared backbone.</summary>
    public Backbone Backbone { get; }

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => Backbone.FeatureShape(input);

    /// <summary>How a pass executes the backbone for all tasks.</summary>
    /// <param name="gates">The gates.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    public ExecutionPlan Plan(GateTable gates, bool training) => Plan(gates, Heads.Count, training);

    /// <summary>How a pass executes the backbone for the tasks that have the same images.</summary>
    /// <param name="gates">The gates, of all tasks.</param>
    /// <param name="tasks">The indices of the tasks.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    public ExecutionPlan Plan(GateTable gates, IReadOnlyList<int> tasks, bool training)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        return Plan(gates.Of(tasks), tasks.Count, training);
    }

    /// <inheritdoc/>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Gates.IsDecided)
        {
            throw new ArgumentException($"gates: {GetType().Name} decides nothing by itself; give a table, or GateTable.Shared, under which every block runs", nameof(context));
        }

        GateTable gates = context.Gates.Of(tasks);
        if (context.Training || !gates.HasImageDecisions || gates.HasImageWeights)
        {
            return Backbone.Forward(step, input, Plan(gates, tasks.Count, context.Training), gates, tasks);
        }

        return ImageGroups.Forward(step, input, ImageGroups.Of(gates, input.Shape[0]), (images, first) =>
        {
            GateTable own = gates.OfImage(first);
            return Backbone.Forward(step, images, Plan(own, tasks.Count, training: false), own, tasks);
        });
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        GateTable ofTasks = gates.Of(tasks);
        PlanCost cost = PlanCost.Of(Plan(ofTasks, tasks.Count, training: false), Backbone, image[1], image[2]);
        long parameters = LayerCost.Parameters(BackboneGroup);
        return new BackboneCost(parameters, parameters - UnusedParameters(ofTasks, tasks.Count), cost.Total, Passes(ofTasks, tasks.Count, cost, image), cost.Full);
    }

    /// <summary>How a pass executes the backbone for some tasks.</summary>
    /// <param name="gates">The gates, of these tasks.</param>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    private protected ExecutionPlan Plan(GateTable gates, int tasks, bool training)
    {
        bool recompute = training && RecomputesBlocks, taskNorms = Backbone.HasTaskNorms;
        return gates.IsShared ? ExecutionPlan.Shared(tasks, Backbone.Blocks.Count, training, recompute, taskNorms)
            : gates.IsCommon ? ExecutionPlan.Common(gates, tasks, training, recompute, taskNorms)
            : ExecutionPlan.Of(gates, training, recompute, taskNorms);
    }

    private static bool Runs(GateTable gates, int task, int block) => gates.IsShared || gates[task, block].Kind is GateKind.On or GateKind.Soft;

    private long Passes(GateTable gates, int tasks, PlanCost cost, Shape image)
    {
        long sum = cost.Full;
        Shape shape = Backbone.Stem.OutputShape(image);
        for (int b = 0; b < Backbone.Blocks.Count; b++)
        {
            int skips = Enumerable.Range(0, tasks).Count(t => !Runs(gates, t, b));
            sum -= skips * Backbone.Blocks[b].Body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = Backbone.Blocks[b].Body.OutputShape(shape);
        }

        return sum;
    }

    private long UnusedParameters(GateTable gates, int tasks)
    {
        long sum = 0;
        for (int b = 0; b < Backbone.Blocks.Count; b++)
        {
            int runs = Enumerable.Range(0, tasks).Count(t => Runs(gates, t, b));
            sum += runs == 0 ? Backbone.Blocks[b].Body.ParameterCount : (tasks - runs) * Backbone.Blocks[b].Body.ParametersOfATask;
        }

        return sum;
    }
}
