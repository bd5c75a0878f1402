using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// SGD with momentum and Adam (Kingma and Ba, "Adam", ICLR 2015, algorithm 1) in PyTorch's form: L2 decay joins the gradient, the velocity starts at zero.
/// </summary>
internal sealed class OptimizerKernels(ReferenceBackend backend) : IOptimizerKernels
{
    /// <inheritdoc/>
    public void Sgd(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? rounded = null)
    {
        backend.Count(nameof(backend.Optimizer));
        double[] w = value.Load(), g = gradient.Load(), v = velocity.Load();
        for (int i = 0; i < w.Length; i++)
        {
            double decayed = g[i] + (weightDecay * w[i]);
            v[i] = (momentum * v[i]) + decayed;
            w[i] -= learningRate * (nesterov ? decayed + (momentum * v[i]) : v[i]);
        }

        value.Store(w);
        velocity.Store(v);
        rounded?.Store(w);
    }

    /// <inheritdoc/>
    public void Adam(
        Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, Tensor? rounded = null)
    {
        backend.Count(nameof(backend.Optimizer));
        double[] w = value.Load(), g = gradient.Load(), m = mean.Load(), v = variance.Load();
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        for (int i = 0; i < w.Length; i++)
        {
            double decayed = g[i] + (weightDecay * w[i]);
            m[i] = (beta1 * m[i]) + ((1 - beta1) * decayed);
            v[i] = (beta2 * v[i]) + ((1 - beta2) * decayed * decayed);
            w[i] -= learningRate / correction1 * m[i] / ((Math.Sqrt(v[i]) / Math.Sqrt(correction2)) + epsilon);
        }

        value.Store(w);
        mean.Store(m);
        variance.Store(v);
        rounded?.Store(w);
    }
}
