using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Models;

/// <summary>What joins the backbones of tasks at some places: after the stem and after each stage.</summary>
public interface IFeatureExchange
{
    /// <summary>The group of the exchange's weights.</summary>
    WeightGroup Weights { get; }

    /// <summary>Joins the features of all tasks at a place.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="place">0 after the stem, s + 1 after stage s.</param>
    /// <param name="features">[N, h, w, C] for each task; the exchange releases those that it does not hand on.</param>
    /// <param name="tasks">The tasks whose features are wanted from here on: all, but behind the last stage only those that are predicted.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    /// <returns>The features of each task of <paramref name="tasks"/> from here on.</returns>
    IReadOnlyList<Tensor> Exchange(Step step, int place, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks, bool training);

    /// <summary>Multiply-adds of the joints of a place, for all tasks and one image.</summary>
    /// <param name="place">0 after the stem, s + 1 after stage s.</param>
    /// <param name="features">The shape of the features there, [1, h, w, C].</param>
    long MultiplyAdds(int place, Shape features);
}

/// <summary>A backbone and a head for each task, in one store: independent, or joined by an exchange of features.</summary>
/// <remarks>
/// Parameters are named by their task (<c>seg.backbone.conv1.weight</c>, <c>seg.head_c0.conv1.weight</c>), not by its number: a task then starts from the same weights, and drops the same
/// elements, whatever tasks stand beside it, and finds its network in the file of a run that had other tasks, or the same in another order.
/// </remarks>
public sealed class ParallelNetworks : IModel
{
    private const string BackboneName = ".backbone";
    private const string HeadName = ".head";

    private readonly Backbone[] _backbones;
    private readonly ITaskHead[] _heads;
    private readonly IFeatureExchange? _exchange;
    private readonly ParameterGroup _backboneGroup;
    private readonly ParameterGroup _headGroup;
    private readonly NetworkSpec _spec;

    /// <summary>Declares and allocates the networks.</summary>
    /// <param name="spec">The size of each network.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="exchange">Declares what joins the backbones, or null where they are independent.</param>
    public ParallelNetworks(NetworkSpec spec, Backend backend, DType type = DType.Float32, Func<NetworkBuilder, NetworkSpec, IFeatureExchange>? exchange = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        Backend = backend;
        var builder = new NetworkBuilder(Store);
        _backbones = [.. Enumerable.Range(0, spec.Tasks.Count).Select(t => new Backbone(builder, spec.Backbone, spec.Tasks[t].Name + BackboneName))];
        _heads = [.. Enumerable.Range(0, spec.Tasks.Count).Select(t => spec.CreateHead(builder, t, spec.Tasks[t].Name + HeadName))];
        _exchange = exchange?.Invoke(builder, spec);
        (_backboneGroup, _headGroup) = (builder.Backbone, builder.Heads);
        Store.Allocate(backend, type);
    }

    /// <inheritdoc/>
    public Backend Backend { get; }

    /// <inheritdoc/>
    public ParameterStore Store { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<TaskSpec> Tasks => _spec.Tasks;

    /// <inheritdoc/>
    public IReadOnlyList<WeightGroup> WeightGroups =>
        [new(_headGroup, RateKind.Head), new(_backboneGroup, RateKind.Backbone), .. _exchange is null ? (IEnumerable<WeightGroup>)[] : [_exchange.Weights]];

    /// <inheritdoc/>
    public bool RecomputesBlocks { get; set; }

    /// <summary>What joins the backbones; null where they are independent.</summary>
    public IFeatureExchange? Joint => _exchange;

    /// <summary>The form of the backbones.</summary>
    public BackboneSpec Form => _spec.Backbone;

    /// <summary>The task to whose network a parameter, buffer or counter of a name belongs; null where it belongs to none, but joins several.</summary>
    public static string? TaskOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && (name.AsSpan(dot).StartsWith(BackboneName + ".") || name.AsSpan(dot).StartsWith(HeadName + "_")) ? name[..dot] : null;
    }

    /// <inheritdoc/>
    public Shape FeatureShape(Shape input) => _backbones[0].FeatureShape(input);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Step step, InputGroup group, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Gates.IsShared)
        {
            throw new ArgumentException("gates: a network for each task has no gates; give GateTable.Shared, under which every block runs", nameof(context));
        }

        using SectionScope section = step.Backend.EnterSection(StepSections.Backbone);
        Tensor input = _spec.Activations == DType.BFloat16 ? step.Cast(group.Images, DType.BFloat16) : group.Images;
        IReadOnlyList<Tensor> features = Features(step, group.Tasks, input, context.Training);
        if (input != group.Images)
        {
            step.Release(input);
        }

        var outputs = new Tensor[group.Tasks.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            using SectionScope head = step.Backend.EnterSection(StepSections.Heads);
            outputs[i] = _heads[group.Tasks[i]].Forward(step, features[i], context.Training, context.Seed, context.Time);
            step.Release(features[i]);
        }

        return outputs;
    }

    /// <inheritdoc/>
    public ModelCost Cost(GateTable gates, int height, int width)
    {
        long parameters = LayerCost.Parameters(_backboneGroup) + (_exchange is null ? 0 : LayerCost.Parameters(_exchange.Weights.Parameters));
        int[] everyTask = [.. Enumerable.Range(0, _backbones.Length)];
        long backbones = BackboneMultiplyAdds(everyTask, height, width);
        return new ModelCost(
            height, width, parameters, parameters, LayerCost.Parameters(_headGroup), backbones, backbones, _backbones.Length * _backbones[0].MultiplyAdds(new Shape(1, height, width, 3)),
            HeadMultiplyAdds(everyTask, height, width), Store.StateCount);
    }

    /// <inheritdoc/>
    public long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width) => BackboneMultiplyAdds(tasks, height, width) + HeadMultiplyAdds(tasks, height, width);

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();

    /// <summary>The features of the wanted tasks. Joined backbones all run, whatever is wanted: each feeds the others.</summary>
    private IReadOnlyList<Tensor> Features(Step step, IReadOnlyList<int> wanted, Tensor input, bool training)
    {
        IReadOnlyList<int> running = _exchange is null ? wanted : [.. Enumerable.Range(0, _backbones.Length)];
        IReadOnlyList<Tensor> features = Join(step, 0, [.. running.Select(t => _backbones[t].Stem(step, input, training))], running, training);
        for (int stage = 0; stage < _spec.Backbone.Blocks.Count; stage++)
        {
            var next = new Tensor[running.Count];
            for (int i = 0; i < next.Length; i++)
            {
                next[i] = _backbones[running[i]].RunStage(step, stage, features[i], training, training && RecomputesBlocks);
                step.Release(features[i]);
            }

            bool isLast = stage == _spec.Backbone.Blocks.Count - 1;
            features = Join(step, stage + 1, next, isLast ? wanted : running, training);
        }

        return features;
    }

    private IReadOnlyList<Tensor> Join(Step step, int place, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks, bool training) =>
        _exchange is null ? features : _exchange.Exchange(step, place, features, tasks, training);

    /// <summary>Joined backbones all run, whichever tasks are wanted.</summary>
    private long BackboneMultiplyAdds(IReadOnlyList<int> tasks, int height, int width)
    {
        var image = new Shape(1, height, width, 3);
        long joints = 0;
        for (int place = 0; _exchange is not null && place <= _spec.Backbone.Blocks.Count; place++)
        {
            joints += _exchange.MultiplyAdds(place, place == 0 ? _backbones[0].StemShape(image) : _backbones[0].StageShape(image, place - 1));
        }

        return ((_exchange is null ? tasks.Count : _backbones.Length) * _backbones[0].MultiplyAdds(image)) + joints;
    }

    private long HeadMultiplyAdds(IReadOnlyList<int> tasks, int height, int width)
    {
        Shape features = _backbones[0].FeatureShape(new Shape(1, height, width, 3));
        return tasks.Sum(task => _heads[task].Convolutions(features).Sum(LayerCost.MultiplyAdds));
    }
}
