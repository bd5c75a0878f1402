using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Optimisers' updates, timed; those of all parameters are booked together.</summary>
internal sealed class ProfiledOptimizer(KernelRecorder recorder, IOptimizerKernels inner) : IOptimizerKernels
{
    private const string Family = "optimiser";

    public void Sgd(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? rounded = null)
    {
        using KernelTiming timing = recorder.BeginAny(Family, "sgd", value, gradient, velocity, rounded);
        inner.Sgd(value, gradient, velocity, learningRate, momentum, weightDecay, nesterov, rounded);
    }

    public void Adam(
        Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, Tensor? rounded = null)
    {
        using KernelTiming timing = recorder.BeginAny(Family, "adam", value, gradient, mean, variance, rounded);
        inner.Adam(value, gradient, mean, variance, learningRate, beta1, beta2, epsilon, weightDecay, step, rounded);
    }
}
