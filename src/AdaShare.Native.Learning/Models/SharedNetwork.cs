using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Models;

/// <summary>A backbone that all tasks share, under gates or without, and a head for each task, under the official state-dict names.</summary>
public class SharedNetwork : IModel
{
    private readonly List<ITaskHead> _heads = [];

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="more">Declares what a method adds behind the heads, or null.</param>
    public SharedNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32, Action<NetworkBuilder>? more = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        Backend = backend;
        var builder = new NetworkBuilder(Store);
        Backbone = new Backbone(builder, spec.Backbone);
        for (int t = 0; t < spec.Tasks.Count; t++)
        {
            _heads.Add(spec.CreateHead(builder, t));
        }

        more?.Invoke(builder);
        BackboneGroup = builder.Backbone;
        HeadGroup = builder.Heads;
        Store.Allocate(backend, type);
    }

    /// <summary>The size.</summary>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <inheritdoc/>
    public ParameterStore Store { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<TaskSpec> Tasks => Spec.Tasks;

    /// <summary>The shared backbone.</summary>
    public Backbone Backbone { get; }

    /// <summary>The heads, in the order of the tasks.</summary>
    public IReadOnlyList<ITaskHead> Heads => _heads;

    /// <summary>The backbone's weights.</summary>
    public ParameterGroup BackboneGroup { get; }

    /// <summary>The heads' weights.</summary>
    public ParameterGroup HeadGroup { get; }

    /// <inheritdoc/>
    public IReadOnlyList<WeightGroup> WeightGroups => [new(HeadGroup, RateKind.Head), new(BackboneGroup, RateKind.Backbone)];

    /// <inheritdoc/>
    public bool RecomputesBlocks { get; set; }

    /// <inheritdoc/>
    public Shape FeatureShape(Shape input) => Backbone.FeatureShape(input);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Step step, InputGroup group, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(context);
        var outputs = new Tensor[group.Tasks.Count];
        using SectionScope section = step.Backend.EnterSection(StepSections.Backbone);
        Tensor input = ToActivations(step, group.Images);
        GateTable gates = context.Gates.Of(group.Tasks);
        using TaskFeatures features = Backbone.Forward(step, input, Plan(gates, outputs.Length, context.Training), gates);
        for (int t = 0; t < outputs.Length; t++)
        {
            Tensor ofTask = features.Of(t);
            using SectionScope head = step.Backend.EnterSection(StepSections.Heads);
            outputs[t] = _heads[group.Tasks[t]].Forward(step, ofTask, context.Training, context.Seed, context.Time);
        }

        if (input != group.Images)
        {
            step.Release(input);
        }

        return outputs;
    }

    /// <summary>Images in the type in which activations are stored: the same tensor, or one of the step.</summary>
    public Tensor ToActivations(Step step, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Spec.Activations == DType.BFloat16 ? step.Cast(images, DType.BFloat16) : images;
    }

    /// <summary>How <see cref="Forward"/> executes the backbone for all tasks.</summary>
    /// <param name="gates">The gates.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    public ExecutionPlan Plan(GateTable gates, bool training) => Plan(gates, _heads.Count, training);

    /// <inheritdoc/>
    public ModelCost Cost(GateTable gates, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        int[] all = [.. Enumerable.Range(0, Tasks.Count)];
        PlanCost cost = PlanCost.Of(Plan(gates, training: false), Backbone, height, width);
        long parameters = LayerCost.Parameters(BackboneGroup);
        return new ModelCost(
            height, width, parameters, parameters - UnusedParameters(gates), LayerCost.Parameters(HeadGroup), cost.Total, Passes(gates, cost, height, width), cost.Full,
            HeadMultiplyAdds(all, height, width), Store.StateCount);
    }

    /// <inheritdoc/>
    public long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(gates);
        ArgumentNullException.ThrowIfNull(tasks);
        return PlanCost.Of(Plan(gates.Of(tasks), tasks.Count, training: false), Backbone, height, width).Total + HeadMultiplyAdds(tasks, height, width);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        GC.SuppressFinalize(this);
    }

    private ExecutionPlan Plan(GateTable gates, int tasks, bool training) => gates.IsShared
        ? ExecutionPlan.Shared(tasks, Backbone.Blocks.Count, training, training && RecomputesBlocks)
        : ExecutionPlan.Of(gates, training, training && RecomputesBlocks);

    private long HeadMultiplyAdds(IReadOnlyList<int> tasks, int height, int width)
    {
        Shape features = Backbone.FeatureShape(new Shape(1, height, width, 3));
        return tasks.Sum(task => _heads[task].Convolutions(features).Sum(LayerCost.MultiplyAdds));
    }

    private static bool Runs(GateTable gates, int task, int block) => gates.IsShared || gates[task, block].Kind is GateKind.On or GateKind.Soft;

    private long Passes(GateTable gates, PlanCost cost, int height, int width)
    {
        long sum = cost.Full;
        Shape shape = Backbone.StemShape(new Shape(1, height, width, 3));
        for (int b = 0; b < Backbone.Blocks.Count; b++)
        {
            int skips = Enumerable.Range(0, Tasks.Count).Count(t => !Runs(gates, t, b));
            sum -= skips * Backbone.Blocks[b].Body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = Backbone.Blocks[b].Body.OutputShape(shape);
        }

        return sum;
    }

    private long UnusedParameters(GateTable gates)
    {
        long sum = 0;
        for (int b = 0; b < Backbone.Blocks.Count; b++)
        {
            sum += Enumerable.Range(0, Tasks.Count).Any(t => Runs(gates, t, b)) ? 0 : Backbone.Blocks[b].Body.ParameterCount;
        }

        return sum;
    }
}
