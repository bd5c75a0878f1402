using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

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

    /// <summary>Losses of the joints' own, for example a penalty on their weights; none for most.</summary>
    /// <param name="step">The step that owns them.</param>
    IReadOnlyList<WeightedLoss> ExtraLosses(Step step) => [];
}

/// <summary>A backbone and a head for each task, in one store: independent, or joined by an exchange of features. Parameters have <see cref="TaskNames"/>.</summary>
public sealed class ParallelNetworks : TaskNetwork
{
    private readonly Backbone[] _backbones;

    /// <summary>Declares and allocates the networks.</summary>
    /// <param name="spec">The size of each network.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="exchange">Declares what joins the backbones, or null where they are independent.</param>
    public ParallelNetworks(NetworkSpec spec, Backend backend, DType type = DType.Float32, Func<NetworkBuilder, NetworkSpec, IFeatureExchange>? exchange = null)
        : base(spec, backend)
    {
        _backbones = [.. spec.Tasks.Select(task => new Backbone(Builder, spec.Backbone, TaskNames.Backbone(task.Name)))];
        DeclareHeads(static task => TaskNames.Head(task.Name));
        Joint = exchange?.Invoke(Builder, spec);
        Allocate(type);
    }

    /// <summary>What joins the backbones; null where they are independent.</summary>
    public IFeatureExchange? Joint { get; }

    /// <inheritdoc/>
    protected override IEnumerable<WeightGroup> MoreWeights => Joint is null ? [] : [Joint.Weights];

    /// <summary>Backbones that are joined feed one another, so that every task's loss depends on all of them; independent ones are their tasks' own.</summary>
    /// <param name="parameter">A parameter of the store.</param>
    public override bool IsShared(Parameter parameter) => Joint is not null && IsNoHead(parameter);

    /// <inheritdoc/>
    public override Shape FeatureShape(Shape input) => _backbones[0].FeatureShape(input);

    /// <inheritdoc/>
    public override IReadOnlyList<WeightedLoss> ExtraLosses(Step step) => Joint?.ExtraLosses(step) ?? [];

    /// <summary>Joined backbones all run, whatever is wanted: each feeds the others.</summary>
    protected override ITaskFeatures Features(Step step, Tensor input, IReadOnlyList<int> tasks, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RequireNoGates(context);
        bool training = context.Training;
        IReadOnlyList<int> running = Joint is null ? tasks : [.. Enumerable.Range(0, _backbones.Length)];
        IReadOnlyList<Tensor> features = Join(step, 0, [.. running.Select(t => _backbones[t].Stem.Forward(step, input, training))], running, training);
        for (int stage = 0; stage < Spec.Backbone.Blocks.Count; stage++)
        {
            var next = new Tensor[running.Count];
            for (int i = 0; i < next.Length; i++)
            {
                next[i] = _backbones[running[i]].Stages.RunStage(step, stage, features[i], training, training && RecomputesBlocks);
                step.Release(features[i]);
            }

            bool isLast = stage == Spec.Backbone.Blocks.Count - 1;
            features = Join(step, stage + 1, next, isLast ? tasks : running, training);
        }

        return new FeatureList(step, features);
    }

    /// <inheritdoc/>
    protected override BackboneCost BackboneCost(GateTable gates, IReadOnlyList<int> tasks, Shape image)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        long parameters = LayerCost.Parameters(BackboneGroup) + (Joint is null ? 0 : LayerCost.Parameters(Joint.Weights.Parameters));
        long one = _backbones[0].MultiplyAdds(image), joints = 0;
        for (int place = 0; Joint is not null && place <= Spec.Backbone.Blocks.Count; place++)
        {
            joints += Joint.MultiplyAdds(place, place == 0 ? _backbones[0].Stem.OutputShape(image) : _backbones[0].StageShape(image, place - 1));
        }

        long sum = ((Joint is null ? tasks.Count : _backbones.Length) * one) + joints;
        return new BackboneCost(parameters, parameters, sum, sum, tasks.Count * one);
    }

    private IReadOnlyList<Tensor> Join(Step step, int place, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks, bool training) =>
        Joint is null ? features : Joint.Exchange(step, place, features, tasks, training);
}
