using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Models;

/// <summary>
/// A model with a head for each task; whoever derives from it says how the features come about that the heads predict from, and what that costs.
/// </summary>
/// <remarks>
/// The constructor of a derived class declares its layers on <see cref="Builder"/>, then the heads by <see cref="DeclareHeads"/>, and calls <see cref="Allocate"/> last: in this order
/// parameters stand in checkpoints.
/// </remarks>
public abstract class TaskNetwork : IModel
{
    private readonly List<ITaskHead> _heads = [];

    /// <summary>Begins a network without layers.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory will hold the parameters.</param>
    protected TaskNetwork(NetworkSpec spec, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        Backend = backend;
        Builder = new NetworkBuilder(Store, spec.Backbone.Inputs, spec.Activations);
    }

    /// <summary>The size.</summary>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <inheritdoc/>
    public ParameterStore Store { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<TaskSpec> Tasks => Spec.Tasks;

    /// <inheritdoc/>
    public ImageInput Input => Spec.Input;

    /// <summary>The heads, in the order of the tasks.</summary>
    public IReadOnlyList<ITaskHead> Heads => _heads;

    /// <summary>The backbone's weights.</summary>
    public ParameterGroup BackboneGroup => Builder.Backbone;

    /// <summary>The heads' weights.</summary>
    public ParameterGroup HeadGroup => Builder.Heads;

    /// <inheritdoc/>
    public IReadOnlyList<WeightGroup> WeightGroups => [new(HeadGroup, RateKind.Head), new(BackboneGroup, RateKind.Backbone), .. MoreWeights];

    /// <inheritdoc/>
    public bool RecomputesBlocks { get; set; }

    /// <summary>Where layers are declared.</summary>
    protected NetworkBuilder Builder { get; }

    /// <summary>Groups of weights beside those of backbone and heads; their parameters count with the backbone's. None for most.</summary>
    protected virtual IEnumerable<WeightGroup> MoreWeights => [];

    /// <inheritdoc/>
    public virtual bool IsShared(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return IsNoHead(parameter) && TaskNames.TaskOf(parameter.Name) is null;
    }

    /// <inheritdoc/>
    public abstract Shape FeatureShape(Shape input);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Step step, InputGroup group, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(context);
        using SectionScope section = step.Backend.EnterSection(StepSections.Backbone);
        Tensor input = Spec.ToActivations(step, group.Images);
        using ITaskFeatures features = Features(step, input, group.Tasks, context);
        if (input != group.Images)
        {
            step.Release(input);
        }

        var outputs = new Tensor[group.Tasks.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            Tensor ofTask = features.Of(i);
            using SectionScope head = step.Backend.EnterSection(StepSections.Heads);
            Tensor entering = context.ToTask(step, ofTask, group.Tasks[i]);
            outputs[i] = _heads[group.Tasks[i]].Forward(step, entering, context.Training, context.Seed, context.Time);
            if (entering != ofTask)
            {
                step.Release(entering);
            }
        }

        return outputs;
    }

    /// <inheritdoc/>
    public virtual IReadOnlyList<WeightedLoss> ExtraLosses(Step step) => [];

    /// <inheritdoc/>
    public virtual IReadOnlyDictionary<string, int[]>? FindBranches() => null;

    /// <inheritdoc/>
    public ModelCost Cost(GateTable gates, int height, int width, IReadOnlyList<IReadOnlyList<int>>? groups = null)
    {
        int[] everyTask = [.. Enumerable.Range(0, Tasks.Count)];
        var image = Spec.Backbone.InputShape(height, width);
        BackboneCost cost = BackboneCost(gates, everyTask, image);
        // Different images have nothing in common: each group's tasks are a pass of their own.
        bool apart = groups is { Count: > 1 };
        long executed = apart ? groups!.Sum(tasks => BackboneCost(gates, tasks, image).Executed) : cost.Executed;
        return new ModelCost(
            height, width, cost.Parameters, cost.UsedParameters, LayerCost.Parameters(HeadGroup), executed, cost.Passes, cost.Full, HeadMultiplyAdds(everyTask, image), Store.StateCount)
        {
            Images = apart ? groups!.Count : null,
        };
    }

    /// <inheritdoc/>
    public virtual long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var image = Spec.Backbone.InputShape(height, width);
        return BackboneCost(gates, tasks, image).Executed + HeadMultiplyAdds(tasks, image);
    }

    /// <inheritdoc/>
    public virtual void ClearDecisions()
    {
        // Gates from outside say what is done.
    }

    /// <inheritdoc/>
    public virtual DecisionCost? DecidedCost(int height, int width) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes what the heads of some tasks predict from.</summary>
    /// <param name="step">The step that owns the features.</param>
    /// <param name="input">Images [N, H, W, 3] in the type of the activations; they stay the caller's.</param>
    /// <param name="tasks">The tasks' indices.</param>
    /// <param name="context">How the pass is made.</param>
    /// <exception cref="ArgumentException">The model does not take such gates.</exception>
    protected abstract ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context);

    /// <summary>What everything but the heads costs.</summary>
    /// <param name="gates">The gates of a pass, of all tasks.</param>
    /// <param name="tasks">The tasks of the pass.</param>
    /// <param name="image">[1, H, W, 3].</param>
    protected abstract BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image);

    /// <summary>Declares a head for each task.</summary>
    /// <param name="prefix">What the names of a task's parameters begin with; the official code's names, which number the tasks, if null.</param>
    protected void DeclareHeads(Func<TaskSpec, string>? prefix = null)
    {
        for (int t = 0; t < Tasks.Count; t++)
        {
            _heads.Add(Spec.CreateHead(Builder, t, prefix?.Invoke(Tasks[t])));
        }
    }

    /// <summary>Allocates all parameters that were declared; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="type">Float32, or Float64 for verification.</param>
    protected void Allocate(DType type) => Store.Allocate(Backend, type);

    /// <summary>Refuses gates, in a model that has none.</summary>
    /// <param name="context">How the pass is made.</param>
    /// <exception cref="ArgumentException">There are gates.</exception>
    protected void RequireNoGates(ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Gates.IsShared)
        {
            throw new ArgumentException($"gates: {GetType().Name} has no gates; give GateTable.Shared, under which every block runs", nameof(context));
        }
    }

    /// <inheritdoc/>
    public long HeadMultiplyAdds(IReadOnlyList<int> tasks, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return HeadMultiplyAdds(tasks, Spec.Backbone.InputShape(height, width));
    }

    /// <summary>Whether a parameter is a weight of the model, and of no head.</summary>
    /// <param name="parameter">A parameter of the store.</param>
    protected bool IsNoHead(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Group != HeadGroup && WeightGroups.Any(group => group.Parameters == parameter.Group);
    }

    /// <summary>Multiply-adds of the heads of some tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="image">[1, H, W, 3].</param>
    protected long HeadMultiplyAdds(IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Shape features = FeatureShape(image);
        return tasks.Sum(task => _heads[task].Convolutions(features).Sum(LayerCost.MultiplyAdds));
    }
}
