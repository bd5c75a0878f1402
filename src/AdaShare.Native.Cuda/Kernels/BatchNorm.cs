using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/batch_norm.cu.</summary>
internal sealed class BatchNormKernels(DeviceContext context, BatchNormStatistics statistics) : IBatchNormKernels
{
    private const string Module = BatchNormStatistics.Module;

    /// <inheritdoc/>
    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        statistics.Compute(input, epsilon, savedMean, savedInverseStd, running);
        Apply(input, savedMean.Shape[0], savedMean, context.Pointer(savedInverseStd), gamma, beta, relu, output);
    }

    /// <inheritdoc/>
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        using Scratch inverseStd = statistics.InverseStd(runningVariance, epsilon);
        Apply(input, 1, runningMean, inverseStd.Address, gamma, beta, relu, output);
    }

    /// <inheritdoc/>
    public void BackwardTraining(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta) =>
        Backward(input, gradOutput, gamma, beta, savedMean, context.Pointer(savedInverseStd), savedMean.Shape[0], isTraining: true, gradInput, gradGamma, gradBeta);

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta)
    {
        using Scratch inverseStd = statistics.InverseStd(runningVariance, epsilon);
        Backward(input, gradOutput, gamma, beta, runningMean, inverseStd.Address, 1, isTraining: false, gradInput, gradGamma, gradBeta);
    }

    private void Apply(Tensor input, int groups, Tensor means, ulong inverseStds, Tensor gamma, Tensor beta, bool relu, Tensor output)
    {
        (long rows, int channels) = BatchNormStatistics.Sizes(input, groups);
        ChannelLaunch map = ChannelLaunch.Mapping(groups, rows, channels, context.IsAligned(inverseStds, input, means, gamma, beta, output));
        context.Kernel(Module, "batch_norm_apply", input.DType)
            .Tensor(input).Tensor(means).Pointer(inverseStds).Tensor(gamma).Tensor(beta).Count(rows).Count(channels).Int(map.Width).Flag(relu).Tensor(output)
            .Launch(map.Shape);
    }

    private void Backward(
        Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor means, ulong inverseStds, int groups, bool isTraining, Target gradInput, Target gradGamma, Target gradBeta)
    {
        (long rows, int channels) = BatchNormStatistics.Sizes(input, groups);
        bool aligned = context.IsAligned(inverseStds, input, gradOutput, means, gamma, beta, gradInput.Tensor);

        // Constant statistics have no gradient, so the sums are for scale and shift alone.
        bool corrects = isTraining && gradInput.Wanted;
        using Scratch tables = context.Scratch(corrects ? (long)groups * BatchNormStatistics.SumsOfChannel * channels * sizeof(float) : 0);
        if (corrects || gradGamma.Wanted || gradBeta.Wanted)
        {
            ChannelLaunch sums = ChannelLaunch.Summing(groups, rows, channels, aligned);
            using Scratch partials = context.Scratch((long)groups * sums.Chunks * BatchNormStatistics.SumsOfChannel * channels * sizeof(double));
            context.Kernel(Module, "batch_norm_backward_sums", input.DType)
                .Tensor(input).Tensor(gradOutput).Tensor(means).Pointer(inverseStds).Tensor(gamma).Tensor(beta).Count(rows).Count(channels).Int(sums.Width)
                .Pointer(partials.Address)
                .Launch(sums.Shape);
            statistics.Finish(partials, groups, sums.Chunks, rows, inverseStds, gamma, gradGamma, gradBeta, corrects ? tables.Address : 0);
        }

        if (gradInput.Tensor is { } target)
        {
            ChannelLaunch map = ChannelLaunch.Mapping(groups, rows, channels, aligned);
            context.Kernel(Module, "batch_norm_backward_apply", input.DType)
                .Tensor(input).Tensor(gradOutput).Tensor(means).Pointer(inverseStds).Tensor(gamma).Tensor(beta).Pointer(corrects ? tables.Address : 0)
                .Count(rows).Count(channels).Int(map.Width).Tensor(target).Flag(gradInput.Accumulate)
                .Launch(map.Shape);
        }
    }
}
