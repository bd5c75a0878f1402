using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Optimiser updates over flat buffers, element by element. L2 weight decay is added to the gradient first, as PyTorch does.</summary>
public interface IOptimizerKernels
{
    /// <summary>
    /// g = gradient + weightDecay * value; velocity = momentum * velocity + g; value -= learningRate * (nesterov ? g + momentum * velocity : velocity).
    /// Where it is given, <paramref name="rounded"/> receives the new values in bfloat16.
    /// </summary>
    void Sgd(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? rounded = null);

    /// <summary>
    /// g = gradient + weightDecay * value; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    /// value -= learningRate / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon).
    /// Where it is given, <paramref name="rounded"/> receives the new values in bfloat16.
    /// </summary>
    void Adam(
        Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step,
        Tensor? rounded = null);
}
