using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>The statistics of batch norms, for batch norm alone and for the end of a residual block: partial sums of blocks, their sum in a fixed order, the running statistics.</summary>
internal sealed class BatchNormStatistics(DeviceContext context)
{
    /// <summary>The kernels' module.</summary>
    public const string Module = "batch_norm";

    /// <summary>Numbers that blocks sum for each channel: of values and of squares, or of gradients and of products.</summary>
    public const int SumsOfChannel = 2;

    private const int UpdatesOfLaunch = 16;
    private const int MostGroups = 256;

    /// <summary>Rows of a group of [N, …, C] cut into groups, and channels.</summary>
    public static (long Rows, int Channels) Sizes(Tensor input, int groups) => (input.Count / input.Shape[-1] / groups, input.Shape[-1]);

    /// <summary>Computes each group's mean and inverse deviation, and updates the running statistics.</summary>
    public void Compute(Tensor input, double epsilon, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        int groups = savedMean.Shape[0];
        (long rows, int channels) = Sizes(input, groups);
        ChannelLaunch sums = ChannelLaunch.Summing(groups, rows, channels, context.IsAligned(input));
        using Scratch partials = context.Scratch((long)groups * sums.Chunks * SumsOfChannel * channels * sizeof(double));
        using Scratch statistics = context.Scratch((long)groups * SumsOfChannel * channels * sizeof(double));
        context.Kernel(Module, "batch_norm_statistics", input.DType).Tensor(input).Count(rows).Count(channels).Int(sums.Width).Pointer(partials.Address).Launch(sums.Shape);
        context.Kernel(Module, "batch_norm_finalize", input.DType)
            .Tensor(input).Pointer(partials.Address).Count(sums.Chunks).Count(rows).Count(channels).Double(epsilon).Tensor(savedMean).Tensor(savedInverseStd)
            .Pointer(running is null ? 0 : statistics.Address)
            .Launch(LaunchShape.Columns(channels, groups));
        if (running is not null)
        {
            Update(running, statistics, groups, channels);
        }
    }

    /// <summary>1 / sqrt(running variance + epsilon), in memory that the caller disposes.</summary>
    public Scratch InverseStd(Tensor runningVariance, double epsilon)
    {
        Scratch inverseStd = context.Scratch(runningVariance.Count * sizeof(float));
        context.Kernel(Module, "batch_norm_inverse_std").Tensor(runningVariance).Double(epsilon).Pointer(inverseStd.Address).Count(runningVariance.Count)
            .Launch(LaunchShape.Linear(runningVariance.Count));
        return inverseStd;
    }

    /// <summary>Launches that turn partial sums into the gradients of scale and shift, and into tables for the input's gradient.</summary>
    /// <param name="partials">[groups, chunks, 2, C].</param>
    /// <param name="groups">Groups of statistics.</param>
    /// <param name="chunks">Partial sums of a group.</param>
    /// <param name="rows">Rows of a group.</param>
    /// <param name="inverseStds">Address of [groups, C].</param>
    /// <param name="gamma">[C].</param>
    /// <param name="gradGamma">[C].</param>
    /// <param name="gradBeta">[C].</param>
    /// <param name="tables">[groups, 2, C], or 0 where nobody wants them.</param>
    public void Finish(Scratch partials, int groups, long chunks, long rows, ulong inverseStds, Tensor gamma, Target gradGamma, Target gradBeta, ulong tables) =>
        context.Kernel(Module, "batch_norm_backward_finalize")
            .Pointer(partials.Address).Count(groups).Count(chunks).Count(rows).Count(gamma.Count).Pointer(inverseStds).Tensor(gamma)
            .Tensor(gradGamma.Tensor).Flag(gradGamma.Accumulate).Tensor(gradBeta.Tensor).Flag(gradBeta.Accumulate).Pointer(tables)
            .Launch(LaunchShape.Columns((int)gamma.Count));

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
