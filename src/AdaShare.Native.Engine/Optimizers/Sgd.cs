using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Optimizers;

/// <summary>Stochastic gradient descent with momentum and L2 weight decay.</summary>
/// <remarks>PyTorch: <c>torch.optim.SGD</c> without dampening: v = momentum v + (g + weightDecay w); w -= rate v.</remarks>
public sealed class Sgd : Optimizer
{
    private readonly Tensor[] _velocity;

    /// <summary>Creates the optimiser.</summary>
    /// <param name="store">The model's parameters, allocated.</param>
    /// <param name="groups">The groups to move, each with its learning rate.</param>
    /// <param name="elsewhere">The groups that another optimiser moves.</param>
    /// <param name="momentum">0 or more and below 1.</param>
    /// <param name="weightDecay">0 or more.</param>
    /// <param name="nesterov">Whether to look ahead along the velocity.</param>
    public Sgd(ParameterStore store, IReadOnlyList<OptimizerGroup> groups, IReadOnlyList<ParameterGroup> elsewhere, double momentum = 0, double weightDecay = 0, bool nesterov = false)
        : base(store, groups, elsewhere)
    {
        if (!(momentum >= 0 && momentum < 1) || !(weightDecay >= 0))
        {
            throw new Errors.AdaShareException($"sgd: momentum {momentum} must be 0 or more and below 1, weight decay {weightDecay} 0 or more");
        }

        Momentum = momentum;
        WeightDecay = weightDecay;
        Nesterov = nesterov;
        _velocity = NewState("velocity");
    }

    /// <summary>The share of the velocity that stays.</summary>
    public double Momentum { get; }

    /// <summary>The factor on the values that is added to the gradient.</summary>
    public double WeightDecay { get; }

    /// <summary>Whether steps look ahead along the velocity.</summary>
    public bool Nesterov { get; }

    /// <inheritdoc/>
    protected override void Update(int group, long start, Tensor gradient)
    {
        ParameterGroup parameters = Groups[group].Parameters;
        Shape shape = gradient.Shape;
        parameters.Values.Backend.Optimizer.Sgd(
            parameters.Values.Part(start, shape), gradient, _velocity[group].Part(start, shape),
            Groups[group].LearningRate, Momentum, WeightDecay, Nesterov, parameters.RoundedPart(start, shape));
    }
}
