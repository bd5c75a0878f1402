using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/softmax.cu.</summary>
internal sealed class SoftmaxKernels(DeviceContext context) : ISoftmaxKernels
{
    private const string Module = "softmax";

    /// <inheritdoc/>
    public void Forward(Tensor input, bool logarithm, Tensor output)
    {
        int length = input.Shape[-1];
        long rows = input.Count / length;
        context.Kernel(Module, "softmax_forward").Tensor(input).Count(rows).Count(length).Flag(logarithm).Tensor(output).Launch(LaunchShape.Rows(rows));
    }

    /// <inheritdoc/>
    public void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        int length = output.Shape[-1];
        long rows = output.Count / length;
        context.Kernel(Module, "softmax_backward").Tensor(output).Tensor(gradOutput).Count(rows).Count(length).Flag(logarithm).Tensor(gradInput).Flag(accumulate)
            .Launch(LaunchShape.Rows(rows));
    }
}
