using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Optimizers;

/// <summary>Adam with L2 weight decay added to the gradient (Kingma and Ba, ICLR 2015).</summary>
/// <remarks>PyTorch: <c>torch.optim.Adam</c>, not AdamW.</remarks>
public sealed class Adam : Optimizer
{
    private readonly Tensor[] _mean;
    private readonly Tensor[] _variance;

    /// <summary>Creates the optimiser.</summary>
    /// <param name="store">The model's parameters, allocated.</param>
    /// <param name="groups">The groups to move, each with its learning rate.</param>
    /// <param name="elsewhere">The groups that another optimiser moves.</param>
    /// <param name="beta1">The decay of the gradient's mean, 0 or more and below 1.</param>
    /// <param name="beta2">The decay of its square, 0 or more and below 1.</param>
    /// <param name="epsilon">Added to the root of the variance.</param>
    /// <param name="weightDecay">0 or more.</param>
    public Adam(
        ParameterStore store, IReadOnlyList<OptimizerGroup> groups, IReadOnlyList<ParameterGroup> elsewhere,
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base(store, groups, elsewhere)
    {
        if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1) || !(epsilon >= 0) || !(weightDecay >= 0))
        {
            throw new Errors.AdaShareException($"adam: betas {beta1} and {beta2} must be 0 or more and below 1, epsilon {epsilon} and weight decay {weightDecay} 0 or more");
        }

        Beta1 = beta1;
        Beta2 = beta2;
        Epsilon = epsilon;
        WeightDecay = weightDecay;
        _mean = NewState("mean");
        _variance = NewState("variance");
    }

    /// <summary>The decay of the gradient's mean.</summary>
    public double Beta1 { get; }

    /// <summary>The decay of the gradient's square.</summary>
    public double Beta2 { get; }

    /// <summary>What is added to the root of the variance.</summary>
    public double Epsilon { get; }

    /// <summary>The factor on the values that is added to the gradient.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    protected override void Update(int group, long start, Tensor gradient)
    {
        ParameterGroup parameters = Groups[group].Parameters;
        Shape shape = gradient.Shape;
        parameters.Values.Backend.Optimizer.Adam(
            parameters.Values.Part(start, shape), gradient, _mean[group].Part(start, shape), _variance[group].Part(start, shape),
            Groups[group].LearningRate, Beta1, Beta2, Epsilon, WeightDecay, StepCount, parameters.RoundedPart(start, shape));
    }
}
