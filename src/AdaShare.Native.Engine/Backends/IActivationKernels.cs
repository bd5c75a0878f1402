using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>ReLU and dropout.</summary>
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
}
