using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Batch normalisation over all but the last dimension, with statistics of their own for each of G equal groups along the batch.</summary>
public interface IBatchNormKernels
{
    /// <summary>Normalises with the batch's own statistics, and updates the running ones.</summary>
    /// <param name="input">[N, …, C].</param>
    /// <param name="gamma">[C], the scale.</param>
    /// <param name="beta">[C], the shift.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="relu">Whether the output passes through ReLU.</param>
    /// <param name="output">[N, …, C].</param>
    /// <param name="savedMean">[G, C]: receives each group's mean; G divides N.</param>
    /// <param name="savedInverseStd">[G, C]: receives 1 / sqrt(biased variance + epsilon).</param>
    /// <param name="running">The running statistics to update, or null.</param>
    void ForwardTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running);

    /// <summary>Normalises with the running statistics.</summary>
    void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output);

    /// <summary>
    /// The gradients of <see cref="ForwardTraining"/>; a null target is not wanted. Where ReLU was open is computed again from the input, so the output is neither kept nor read.
    /// </summary>
    /// <param name="input">What the forward pass read.</param>
    /// <param name="gradOutput">The gradient of the output.</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C] where the forward pass applied ReLU, otherwise null.</param>
    /// <param name="savedMean">[G, C] from the forward pass.</param>
    /// <param name="savedInverseStd">[G, C] from the forward pass.</param>
    /// <param name="gradInput">Target for the input's gradient.</param>
    /// <param name="gradGamma">Target for the scale's gradient.</param>
    /// <param name="gradBeta">Target for the shift's gradient.</param>
    void BackwardTraining(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta);

    /// <summary>The gradients of <see cref="ForwardInference"/>, whose statistics are constants.</summary>
    void BackwardInference(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta);
}

/// <summary>The running statistics of a batch norm and how a forward pass updates them.</summary>
/// <param name="Mean">[C].</param>
/// <param name="Variance">[C], unbiased.</param>
/// <param name="Momentum">The share of the new statistic: r becomes (1 - m) r + m s.</param>
/// <param name="Updates">The groups whose statistics are applied, in order; a group that stands for several passes is named several times.</param>
public sealed record RunningStatistics(Tensor Mean, Tensor Variance, double Momentum, IReadOnlyList<int> Updates);

/// <summary>Where a kernel puts a gradient: nowhere, over what was there, or on top of it.</summary>
/// <param name="Tensor">The target, or null where the gradient is not wanted.</param>
/// <param name="Accumulate">Whether to add to what is there.</param>
public readonly record struct Target(Tensor? Tensor, bool Accumulate)
{
    /// <summary>A gradient that nobody wants.</summary>
    public static Target None => default;

    /// <summary>Whether the gradient is wanted.</summary>
    public bool Wanted => Tensor is not null;
}
