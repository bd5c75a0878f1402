using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Gumbel-softmax sampling and the gated residual of AdaShare.</summary>
public interface IGateKernels
{
    /// <summary>Fills a floating tensor with Gumbel(0, 1) noise: element i is -log(-log u) of the stream's uniform number i.</summary>
    void GumbelNoise(RandomStream stream, Tensor output);

    /// <summary>soft = softmax((logits + noise) / temperature) over the last dimension; hard, if wanted, is its one-hot maximum (first of equals).</summary>
    void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard);

    /// <summary>gradLogits (+)= the gradient of the soft sample.</summary>
    void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate);

    /// <summary>
    /// output = p_select * ReLU(residual + branch) + p_skip * residual, with gates of their own for each of S streams along the batch.
    /// </summary>
    /// <param name="branch">[B, H, W, C].</param>
    /// <param name="residual">[B, H, W, C].</param>
    /// <param name="gates">[S, 2]: column 0 select, column 1 skip.</param>
    /// <param name="output">[S * N, H, W, C]: either B = S * N, each stream has its own input, or B = N, all streams share the input.</param>
    void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output);

    /// <summary>The gradients of <see cref="GatedResidual"/>; a shared input receives the sum over the streams.</summary>
    void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates);
}
