using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mixtures;

namespace AdaShare.Native.Methods.Sluice;

/// <summary>
/// What heads read in place of the last stage: for each task the sum over stages s of beta_s P_s(x_s), where x_s are the task's mixed features behind stage s and P_s brings them to the last
/// stage's width and size (conv 1x1 with stride, batch norm); the last stage has no P.
/// </summary>
internal sealed class StageMixture
{
    // The official code's start of the last layer.
    private const double LastWeight = 0.9;

    private readonly Parameter[] _beta;
    private readonly Projection[][] _projections;
    private readonly List<IReadOnlyList<Tensor>> _earlier = [];

    /// <summary>Declares the mixtures of all tasks.</summary>
    /// <param name="builder">Where the projections lie.</param>
    /// <param name="group">Where the weights of the mixtures lie.</param>
    /// <param name="spec">The size of the networks.</param>
    /// <param name="isBalanced">Whether all stages start with one weight.</param>
    public StageMixture(NetworkBuilder builder, ParameterGroup group, NetworkSpec spec, bool isBalanced)
    {
        int stages = spec.Backbone.Channels.Count;
        OwnAndOthers start = OwnAndOthers.Of(isBalanced ? 1.0 / stages : LastWeight, stages);
        _beta = [.. spec.Tasks.Select(task => group.Add($"sluice.{task.Name}.beta", new Shape(stages), (_, _) => i => i == stages - 1 ? start.Own : start.Other))];
        _projections = [.. spec.Tasks.Select(task => Enumerable.Range(0, stages - 1).Select(stage => Declare(builder, spec.Backbone, task.Name, stage)).ToArray())];
    }

    /// <summary>Begins a forward pass.</summary>
    public void Begin() => _earlier.Clear();

    /// <summary>Takes the mixed features behind a stage, and gives what goes on: behind the last stage the mixtures over all.</summary>
    /// <param name="step">The step that owns them.</param>
    /// <param name="stage">The stage, from 0.</param>
    /// <param name="features">Of all tasks; behind the last stage of those that are predicted.</param>
    /// <param name="tasks">The tasks of the features.</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    public IReadOnlyList<Tensor> Pass(Step step, int stage, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks, bool training)
    {
        if (stage < _projections[0].Length)
        {
            // The next stage gives its input up; a view holds on to the memory.
            _earlier.Add([.. features.Select(ofTask => step.Reshape(ofTask, ofTask.Shape))]);
            return features;
        }

        Tensor[] mixtures = [.. tasks.Select((task, i) => Mixture(step, task, features[i], training))];
        foreach (Tensor used in _earlier.SelectMany(static ofStage => ofStage).Concat(features))
        {
            step.Release(used);
        }

        _earlier.Clear();
        return mixtures;
    }

    /// <summary>Multiply-adds of the projections of a stage's features, for all tasks.</summary>
    /// <param name="stage">The stage, from 0.</param>
    /// <param name="features">Their shape, [1, h, w, C].</param>
    public long MultiplyAdds(int stage, Shape features) =>
        stage < _projections[0].Length ? _projections.Sum(ofTask => LayerCost.MultiplyAdds(ofTask[stage].Convolution(features))) : 0;

    private Tensor Mixture(Step step, int task, Tensor last, bool training)
    {
        using var mixer = new FeatureMixer(step, last);
        IReadOnlyList<Tensor> weights = mixer.Spread(_beta[task].Value);
        Tensor[] projected = [.. _projections[task].Select((projection, stage) => projection.Forward(step, _earlier[stage][task], training))];
        Tensor mixture = mixer.Sum([.. projected.Append(last).Select((features, stage) => (features, weights[stage]))]);
        foreach (Tensor made in projected.Concat(weights))
        {
            step.Release(made);
        }

        return mixture;
    }

    private static Projection Declare(NetworkBuilder builder, BackboneSpec spec, string task, int stage)
    {
        int stride = spec.Strides.Skip(stage + 1).Aggregate(1, static (product, next) => product * next);
        return new Projection(builder, $"sluice.{task}", $"projection.{stage}", spec.Channels[stage], spec.FeatureChannels, stride);
    }
}
