using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/activation.cu.</summary>
internal sealed class ActivationKernels(DeviceContext context) : IActivationKernels
{
    private const string Module = "activation";

    /// <inheritdoc/>
    public void Relu(Tensor input, Tensor output)
    {
        long vectors = context.IsAligned(input, output) ? input.Count / 4 : 0;
        context.Kernel(Module, "relu_forward").Tensor(input).Tensor(output).Count(vectors).Count(input.Count).Launch(LaunchShape.Vectors(vectors, input.Count));
    }

    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        long vectors = context.IsAligned(output, gradOutput, gradInput) ? output.Count / 4 : 0;
        context.Kernel(Module, "relu_backward")
            .Tensor(output).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(vectors).Count(output.Count)
            .Launch(LaunchShape.Vectors(vectors, output.Count));
    }

    /// <inheritdoc/>
    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate)
    {
        long vectors = context.IsAligned(input, output) ? input.Count / 4 : 0;
        context.Kernel(Module, "dropout")
            .Tensor(input).Float(probability).Float(1 / (1 - probability)).Stream(stream).Tensor(output).Flag(accumulate).Count(vectors).Count(input.Count)
            .Launch(LaunchShape.Linear(LaunchShape.Ceiling(input.Count, 4)));
    }
}
