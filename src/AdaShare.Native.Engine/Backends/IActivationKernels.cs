using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>ReLU and dropout, and both together with a bias.</summary>
public interface IActivationKernels
{
    /// <summary>output = max(input, 0).</summary>
    void Relu(Tensor input, Tensor output);

    /// <summary>gradInput (+)= gradOutput where output is positive, else 0.</summary>
    void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate);

    /// <summary>
    /// output[i] = input[i] / (1 - probability) where <see cref="RandomStream.Uniform"/>(i) of the stream is at least probability, else 0.
    /// The backward pass is the same call on the gradient: the mask is computed again, not kept.
    /// </summary>
    void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate);

    /// <summary>
    /// output[i] = max(input[i] + bias[channel], 0) / (1 - probability) where <see cref="RandomStream.Uniform"/>(i) of the stream is at least probability, else 0.
    /// </summary>
    /// <param name="input">[…, C].</param>
    /// <param name="bias">[C], or null for none.</param>
    /// <param name="probability">0 (the stream is not read) up to, not including, 1.</param>
    /// <param name="stream">The random numbers.</param>
    /// <param name="output">[…, C]; may be the memory of <paramref name="input"/>.</param>
    void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output);

    /// <summary>
    /// The gradients of <see cref="BiasReluDropout"/>: gradInput (+)= gradOutput / (1 - probability) where the output is positive, else 0; that of the bias is its sum over all
    /// but the last dimension.
    /// </summary>
    /// <param name="output">What the forward pass wrote.</param>
    /// <param name="probability">As in the forward pass.</param>
    /// <param name="gradOutput">The gradient of the output.</param>
    /// <param name="gradInput">Target; where it is overwritten it may be the memory of <paramref name="gradOutput"/>.</param>
    /// <param name="gradBias">Target [C].</param>
    void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias);
}
