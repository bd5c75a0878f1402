using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/optimizer.cu. Settings go through device memory, because rates and step counts change from step to step.</summary>
internal sealed class OptimizerKernels(DeviceContext context) : IOptimizerKernels
{
    private const string Module = "optimizer";

    /// <inheritdoc/>
    public void Sgd(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? rounded = null)
    {
        var settings = new SgdSettings { Rate = (float)learningRate, Momentum = (float)momentum, Decay = (float)weightDecay, Nesterov = nesterov ? 1u : 0 };
        long vectors = context.IsAligned(value, gradient, velocity, rounded) ? value.Count / 4 : 0;
        context.Kernel(Module, "sgd").Tensor(value).Tensor(gradient).Tensor(velocity).Numbers(settings).Tensor(rounded).Count(vectors).Count(value.Count)
            .Launch(LaunchShape.Vectors(vectors, value.Count));
    }

    /// <inheritdoc/>
    public void Adam(
        Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, Tensor? rounded = null)
    {
        var settings = new AdamSettings
        {
            Beta1 = (float)beta1,
            OneMinusBeta1 = (float)(1 - beta1),
            Beta2 = (float)beta2,
            OneMinusBeta2 = (float)(1 - beta2),
            Epsilon = (float)epsilon,
            Decay = (float)weightDecay,
            Rate = (float)(learningRate / (1 - Math.Pow(beta1, step))),
            InverseRoot = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step))),
        };
        long vectors = context.IsAligned(value, gradient, mean, variance, rounded) ? value.Count / 4 : 0;
        context.Kernel(Module, "adam").Tensor(value).Tensor(gradient).Tensor(mean).Tensor(variance).Numbers(settings).Tensor(rounded).Count(vectors).Count(value.Count)
            .Launch(LaunchShape.Vectors(vectors, value.Count));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct SgdSettings
    {
        public float Rate;
        public float Momentum;
        public float Decay;
        public uint Nesterov;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct AdamSettings
    {
        public float Beta1;
        public float OneMinusBeta1;
        public float Beta2;
        public float OneMinusBeta2;
        public float Epsilon;
        public float Decay;
        public float Rate;
        public float InverseRoot;
    }
}
