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
    /// The soft gates of all tasks and blocks: with row = block K + task, soft[row] = softmax((logits[task][block] + noise[task, block]) / temperature); hard, if wanted, is the one-hot maximum of
    /// each row (first of equals).
    /// </summary>
    /// <param name="logits">K tensors [L, 2].</param>
    /// <param name="noise">[K, L, 2], or null where <paramref name="streams"/> give it.</param>
    /// <param name="streams">K streams, or null: noise[task, block, c] is -log(-log u) of number 2 block + c of the task's stream, as <see cref="GumbelNoise"/> gives it.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="soft">[L K, 2].</param>
    /// <param name="hard">[L K, 2], or null.</param>
    void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard);

    /// <summary>gradLogits[task] (+)= the gradient of the soft gates.</summary>
    /// <param name="soft">[L K, 2].</param>
    /// <param name="temperature">As in the forward pass.</param>
    /// <param name="gradOutput">[L K, 2].</param>
    /// <param name="gradLogits">K targets [L, 2]; a gradient that is not wanted is left out.</param>
    void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits);

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
