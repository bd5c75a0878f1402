using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>ReLU, and inverted dropout (PyTorch's <c>nn.Dropout</c>: kept elements are divided by the probability of being kept).</summary>
internal sealed class ActivationKernels(ReferenceBackend backend) : IActivationKernels
{
    /// <inheritdoc/>
    public void Relu(Tensor input, Tensor output)
    {
        backend.Count(nameof(backend.Activation));
        output.Store(Array.ConvertAll(input.Load(), static x => Math.Max(x, 0)));
    }

    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Activation));
        double[] y = output.Load(), gradient = gradOutput.Load();
        for (int i = 0; i < y.Length; i++)
        {
            gradient[i] = y[i] > 0 ? gradient[i] : 0;
        }

        gradInput.Store(gradient, accumulate);
    }

    /// <inheritdoc/>
    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate)
    {
        backend.Count(nameof(backend.Activation));
        double[] x = input.Load();
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = stream.Uniform((ulong)i) >= probability ? x[i] / (1.0 - probability) : 0;
        }

        output.Store(x, accumulate);
    }
}
