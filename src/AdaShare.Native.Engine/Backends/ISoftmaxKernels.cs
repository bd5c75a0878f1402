using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Softmax and log-softmax over the last dimension, with the maximum subtracted first.</summary>
public interface ISoftmaxKernels
{
    /// <summary>output = softmax(input), or its logarithm.</summary>
    void Forward(Tensor input, bool logarithm, Tensor output);

    /// <summary>The gradient, from the output.</summary>
    void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate);
}
