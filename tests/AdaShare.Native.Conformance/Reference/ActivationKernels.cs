using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>ReLU, inverted dropout (PyTorch's <c>nn.Dropout</c>: kept elements are divided by the probability of being kept), and both after a bias.</summary>
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

    /// <inheritdoc/>
    public void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output)
    {
        backend.Count(nameof(backend.Activation));
        double[] x = input.Load();
        double[]? b = bias?.Load();
        for (int i = 0; i < x.Length; i++)
        {
            double value = Math.Max(b is null ? x[i] : x[i] + b[i % b.Length], 0);
            x[i] = probability == 0 || stream.Uniform((ulong)i) >= probability ? value / (1.0 - probability) : 0;
        }

        output.Store(x);
    }

    /// <inheritdoc/>
    public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias)
    {
        backend.Count(nameof(backend.Activation));
        double[] y = output.Load(), gradient = gradOutput.Load(), sums = new double[output.Shape[-1]];
        for (int i = 0; i < y.Length; i++)
        {
            gradient[i] = y[i] > 0 ? gradient[i] / (1.0 - probability) : 0;
            sums[i % sums.Length] += gradient[i];
        }

        gradInput.Tensor?.Store(gradient, gradInput.Accumulate);
        gradBias.Tensor?.Store(sums, gradBias.Accumulate);
    }
}
