using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>
/// The end of a residual block in one: batch normalisation of the last convolution's output, the residual, ReLU, and AdaShare's mix where there are gates.
/// With BN(x) as in <see cref="IBatchNormKernels"/>, output = ReLU(residual + BN(x)), or p_select ReLU(residual + BN(x)) + p_skip residual.
/// </summary>
/// <remarks>
/// Statistics belong to each of G equal groups along the batch, gates [S, 2] (column 0 select, column 1 skip) to each of S streams. The output is [S B, H, W, C] where all
/// streams share the B images of the input, otherwise [B, H, W, C] with the s-th of S equal parts belonging to stream s; G and S divide the batch that they cut. The
/// normalised values are not kept: the backward pass computes them again from x.
/// </remarks>
public interface IBatchNormResidualKernels
{
    /// <summary>The forward pass with the batch's own statistics; updates the running ones.</summary>
    /// <param name="input">[B, H, W, C], x.</param>
    /// <param name="gamma">[C], the scale.</param>
    /// <param name="beta">[C], the shift.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="residual">[B, H, W, C].</param>
    /// <param name="gates">[S, 2], or null: the block runs.</param>
    /// <param name="output">[B, H, W, C] or, where streams share the input, [S B, H, W, C].</param>
    /// <param name="savedMean">[G, C]: receives each group's mean.</param>
    /// <param name="savedInverseStd">[G, C]: receives 1 / sqrt(biased variance + epsilon).</param>
    /// <param name="running">The running statistics to update, or null.</param>
    void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running);

    /// <summary>The forward pass with the running statistics.</summary>
    void ForwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output);

    /// <summary>
    /// The gradients of <see cref="ForwardTraining"/>. Without gates ReLU was open where <paramref name="output"/> is positive; with gates where residual + BN(x), computed
    /// again, is positive.
    /// </summary>
    /// <param name="input">What the forward pass read.</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="savedMean">[G, C] from the forward pass.</param>
    /// <param name="savedInverseStd">[G, C] from the forward pass.</param>
    /// <param name="residual">What the forward pass read; null where there are no gates.</param>
    /// <param name="gates">What the forward pass read, or null.</param>
    /// <param name="output">What the forward pass wrote; null where there are gates.</param>
    /// <param name="gradOutput">The gradient of the output.</param>
    /// <param name="gradients">
    /// The targets. The residual's, where it is overwritten, may be the memory of <paramref name="gradOutput"/>. Those of input and residual may be one tensor; the residual's
    /// gradient is then added to the input's.
    /// </param>
    void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients);

    /// <summary>The gradients of <see cref="ForwardInference"/>, whose statistics are constants.</summary>
    void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients);
}

/// <summary>Where the gradients of <see cref="IBatchNormResidualKernels"/> go.</summary>
/// <param name="Input">[B, H, W, C].</param>
/// <param name="Gamma">[C].</param>
/// <param name="Beta">[C].</param>
/// <param name="Residual">[B, H, W, C]; where streams share the input the sum over them.</param>
/// <param name="Gates">[S, 2]; never wanted where there are no gates.</param>
public readonly record struct BatchNormResidualGradients(Target Input, Target Gamma, Target Beta, Target Residual, Target Gates);
