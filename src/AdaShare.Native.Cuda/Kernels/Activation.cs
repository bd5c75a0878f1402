using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
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
        context.Kernel(Module, "relu_forward", input.DType).Tensor(input).Tensor(output).Count(vectors).Count(input.Count).Launch(LaunchShape.Vectors(vectors, input.Count));
    }

    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        long vectors = context.IsAligned(output, gradOutput, gradInput) ? output.Count / 4 : 0;
        context.Kernel(Module, "relu_backward", output.DType)
            .Tensor(output).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(vectors).Count(output.Count)
            .Launch(LaunchShape.Vectors(vectors, output.Count));
    }

    /// <inheritdoc/>
    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate)
    {
        long vectors = context.IsAligned(input, output) ? input.Count / 4 : 0;
        context.Kernel(Module, "dropout", input.DType)
            .Tensor(input).Float(probability).Float(1 / (1 - probability)).Stream(stream).Tensor(output).Flag(accumulate).Count(vectors).Count(input.Count)
            .Launch(LaunchShape.Linear(LaunchShape.Ceiling(input.Count, 4)));
    }

    /// <inheritdoc/>
    public void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output)
    {
        int channels = input.Shape[-1];
        long vectors = channels % 4 == 0 && context.IsAligned(input, bias, output) ? input.Count / 4 : 0;
        KernelCall call = context.Kernel(Module, "bias_relu_dropout", input.DType).Tensor(input).Tensor(bias).Float(probability).Float(1 / (1 - probability));
        (probability > 0 ? call.Stream(stream) : call.Pointer(0)).Tensor(output).Count(channels).Count(vectors).Count(input.Count)
            .Launch(LaunchShape.Linear(LaunchShape.Ceiling(input.Count, 4)));
    }

    /// <inheritdoc/>
    public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias)
    {
        int channels = output.Shape[-1];
        long rows = output.Count / channels;
        ChannelLaunch sums = ChannelLaunch.Summing(1, rows, channels, context.IsAligned(output, gradOutput, gradInput.Tensor));
        using Scratch partials = context.Scratch(gradBias.Wanted ? (long)sums.Chunks * channels * sizeof(double) : 0);
        context.Kernel(Module, "bias_relu_dropout_backward", output.DType)
            .Tensor(output).Tensor(gradOutput).Float(1 / (1 - probability)).Count(rows).Count(channels).Int(sums.Width).Tensor(gradInput.Tensor).Flag(gradInput.Accumulate)
            .Pointer(gradBias.Wanted ? partials.Address : 0)
            .Launch(sums.Shape);
        if (gradBias.Tensor is { } target)
        {
            context.Kernel("reduction", "sum_columns_finish").Pointer(partials.Address).Count(sums.Chunks).Count(channels).Double(1).Tensor(target).Flag(gradBias.Accumulate)
                .Launch(LaunchShape.Columns(channels));
        }
    }
}
