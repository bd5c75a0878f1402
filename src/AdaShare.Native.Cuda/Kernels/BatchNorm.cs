using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/batch_norm.cu: partial sums of blocks, their sum in a fixed order, then one pass that applies tables of a few numbers a channel.</summary>
internal sealed class BatchNormKernels(DeviceContext context) : IBatchNormKernels
{
    private const string Module = "batch_norm";
    private const int ForwardTables = 3;
    private const int BackwardTables = 4;
    private const int SumsOfChannel = 2;
    private const int UpdatesOfLaunch = 16;
    private const int MostGroups = 256;

    /// <inheritdoc/>
    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        (int groups, long rows, int channels) = Sizes(input, savedMean.Shape[0]);
        ChannelLaunch sums = ChannelLaunch.Summing(groups, rows, channels, context.IsAligned(input));
        using Scratch partials = context.Scratch((long)groups * sums.Chunks * SumsOfChannel * channels * sizeof(double));
        using Scratch statistics = context.Scratch((long)groups * SumsOfChannel * channels * sizeof(double));
        using Scratch tables = context.Scratch((long)groups * ForwardTables * channels * sizeof(float));
        context.Kernel(Module, "batch_norm_statistics").Tensor(input).Count(rows).Count(channels).Int(sums.Width).Pointer(partials.Address).Launch(sums.Shape);
        context.Kernel(Module, "batch_norm_finalize")
            .Tensor(input).Pointer(partials.Address).Count(sums.Chunks).Count(rows).Count(channels).Tensor(gamma).Tensor(beta).Double(epsilon)
            .Tensor(savedMean).Tensor(savedInverseStd).Pointer(statistics.Address).Pointer(tables.Address)
            .Launch(LaunchShape.Columns(channels, groups));
        if (running is not null)
        {
            Update(running, statistics, groups, channels);
        }

        Apply(input, groups, rows, channels, tables, relu, output);
    }

    /// <inheritdoc/>
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        (_, long rows, int channels) = Sizes(input, 1);
        using Scratch tables = context.Scratch((long)ForwardTables * channels * sizeof(float));
        context.Kernel(Module, "batch_norm_inference_coefficients")
            .Tensor(runningMean).Tensor(runningVariance).Tensor(gamma).Tensor(beta).Double(epsilon).Count(channels).Pointer(tables.Address)
            .Launch(LaunchShape.Linear(channels));
        Apply(input, 1, rows, channels, tables, relu, output);
    }

    /// <inheritdoc/>
    public void BackwardTraining(
        Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        if (gradInput.Wanted || gradGamma.Wanted || gradBeta.Wanted)
        {
            Backward(input, output, gradOutput, gamma, savedMean, savedInverseStd, savedMean.Shape[0], 0, isTraining: true, gradInput, gradGamma, gradBeta);
        }
    }

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta)
    {
        if (gradInput.Wanted || gradGamma.Wanted || gradBeta.Wanted)
        {
            Backward(input, output, gradOutput, gamma, runningMean, runningVariance, 1, epsilon, isTraining: false, gradInput, gradGamma, gradBeta);
        }
    }

    private static (int Groups, long Rows, int Channels) Sizes(Tensor input, int groups)
    {
        int channels = input.Shape[-1];
        return (groups, input.Count / channels / groups, channels);
    }

    private void Backward(
        Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, Tensor means, Tensor scales, int groupCount, double epsilon, bool isTraining,
        Target gradInput, Target gradGamma, Target gradBeta)
    {
        (int groups, long rows, int channels) = Sizes(input, groupCount);
        ChannelLaunch sums = ChannelLaunch.Summing(groups, rows, channels, context.IsAligned(input, output, gradOutput, means));

        // Constant statistics have no gradient, so the sums are for scale and shift alone.
        int chunks = isTraining || gradGamma.Wanted || gradBeta.Wanted ? sums.Chunks : 0;
        using Scratch partials = context.Scratch((long)groups * chunks * SumsOfChannel * channels * sizeof(double));
        using Scratch tables = context.Scratch((long)groups * BackwardTables * channels * sizeof(float));
        if (chunks > 0)
        {
            context.Kernel(Module, "batch_norm_backward_sums")
                .Tensor(input).Tensor(output).Tensor(gradOutput).Tensor(means).Count(rows).Count(channels).Int(sums.Width).Pointer(partials.Address)
                .Launch(sums.Shape);
        }

        context.Kernel(Module, "batch_norm_backward_finalize")
            .Pointer(partials.Address).Count(groups).Count(chunks).Count(rows).Count(channels).Tensor(means).Tensor(scales).Flag(isTraining).Double(epsilon).Tensor(gamma)
            .Tensor(gradGamma.Tensor).Flag(gradGamma.Accumulate).Tensor(gradBeta.Tensor).Flag(gradBeta.Accumulate).Pointer(tables.Address)
            .Launch(LaunchShape.Columns(channels));
        if (gradInput.Tensor is { } target)
        {
            ChannelLaunch map = ChannelLaunch.Mapping(groups, rows, channels, context.IsAligned(input, output, gradOutput, target));
            context.Kernel(Module, "batch_norm_backward_apply")
                .Tensor(input).Tensor(output).Tensor(gradOutput).Count(rows).Count(channels).Int(map.Width).Pointer(tables.Address).Tensor(target).Flag(gradInput.Accumulate)
                .Launch(map.Shape);
        }
    }

    private void Apply(Tensor input, int groups, long rows, int channels, Scratch tables, bool relu, Tensor output)
    {
        ChannelLaunch map = ChannelLaunch.Mapping(groups, rows, channels, context.IsAligned(input, output));
        context.Kernel(Module, "batch_norm_apply")
            .Tensor(input).Count(rows).Count(channels).Int(map.Width).Pointer(tables.Address).Flag(relu).Tensor(output)
            .Launch(map.Shape);
    }

    /// <summary>Updates the running statistics; a launch takes the numbers of 16 groups, a byte each.</summary>
    private void Update(RunningStatistics running, Scratch statistics, int groups, int channels)
    {
        if (groups > MostGroups)
        {
            throw new ShapeException($"batch norm: {groups} groups, {context.Device.Label} takes at most {MostGroups}; use fewer streams");
        }

        for (int start = 0; start < running.Updates.Count; start += UpdatesOfLaunch)
        {
            int count = Math.Min(UpdatesOfLaunch, running.Updates.Count - start);
            ulong first = 0, second = 0;
            for (int i = 0; i < count; i++)
            {
                ulong name = (ulong)running.Updates[start + i] << (8 * (i % 8));
                (first, second) = i < 8 ? (first | name, second) : (first, second | name);
            }

            context.Kernel(Module, "batch_norm_update_running")
                .Pointer(statistics.Address).Count(channels).Tensor(running.Mean).Tensor(running.Variance).Double(running.Momentum).Count(count).Long(first).Long(second)
                .Launch(LaunchShape.Linear(channels));
        }
    }
}
