using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/batch_norm_residual.cu.</summary>
internal sealed class BatchNormResidualKernels(DeviceContext context, BatchNormStatistics statistics) : IBatchNormResidualKernels
{
    private const string Module = "batch_norm_residual";
    private const int StreamsOfLaunch = 4;
    private const int GatesOfStream = 2;

    /// <inheritdoc/>
    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        statistics.Compute(input, epsilon, savedMean, savedInverseStd, running);
        Apply(input, gamma, beta, savedMean, context.Pointer(savedInverseStd), savedMean.Shape[0], residual, gates, output);
    }

    /// <inheritdoc/>
    public void ForwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output)
    {
        using Scratch inverseStd = statistics.InverseStd(runningVariance, epsilon);
        Apply(input, gamma, beta, runningMean, inverseStd.Address, 1, residual, gates, output);
    }

    /// <inheritdoc/>
    public void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        var pass = new Pass(input, gamma, beta, savedMean, context.Pointer(savedInverseStd), residual, gates, output, gradOutput);
        Backward(pass, Segments.Of(input, savedMean.Shape[0], gates, gradOutput), corrects: gradients.Input.Wanted, gradients);
    }

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        using Scratch inverseStd = statistics.InverseStd(runningVariance, epsilon);
        var pass = new Pass(input, gamma, beta, runningMean, inverseStd.Address, residual, gates, output, gradOutput);
        Backward(pass, Segments.Of(input, 1, gates, gradOutput), corrects: false, gradients);
    }

    private void Apply(Tensor input, Tensor gamma, Tensor beta, Tensor means, ulong inverseStds, int groups, Tensor residual, Tensor? gates, Tensor output)
    {
        var segments = Segments.Of(input, groups, gates, output);
        ChannelLaunch map = ChannelLaunch.Mapping(segments.Count, segments.Rows, segments.Channels, context.IsAligned(inverseStds, input, residual, means, gamma, beta, output));
        context.Kernel(Module, "batch_norm_residual_apply", input.DType)
            .Tensor(input).Tensor(residual).Tensor(gates).Tensor(means).Pointer(inverseStds).Tensor(gamma).Tensor(beta)
            .Count(segments.OfGroup).Count(segments.OfStream).Count(segments.Sharing).Count(segments.Rows).Count(segments.Channels).Int(map.Width).Tensor(output)
            .Launch(map.Shape);
    }

    private void Backward(in Pass pass, in Segments segments, bool corrects, in BatchNormResidualGradients gradients)
    {
        using Scratch tables = context.Scratch(corrects ? (long)segments.Groups * BatchNormStatistics.SumsOfChannel * segments.Channels * sizeof(float) : 0);
        if (corrects || gradients.Gamma.Wanted || gradients.Beta.Wanted || gradients.Gates.Wanted)
        {
            Sum(pass, segments, corrects ? tables.Address : 0, gradients);
        }

        if (gradients.Input.Wanted || gradients.Residual.Wanted)
        {
            bool aligned = pass.IsAligned(context) && context.IsAligned(gradients.Input.Tensor, gradients.Residual.Tensor);
            ChannelLaunch map = ChannelLaunch.Mapping(segments.Count, segments.Rows, segments.Channels, aligned);
            KernelCall call = context.Kernel(Module, "batch_norm_residual_backward_apply", pass.Input.DType).Tensor(pass.Input).Tensor(pass.Residual).Tensor(pass.Gates).Tensor(pass.Output);
            pass.Statistics(call.Tensor(pass.GradOutput)).Pointer(corrects ? tables.Address : 0)
                .Count(segments.OfGroup).Count(segments.OfStream).Count(segments.Sharing).Count(segments.Rows).Count(segments.Channels).Int(map.Width)
                .Tensor(gradients.Input.Tensor).Flag(gradients.Input.Accumulate).Tensor(gradients.Residual.Tensor).Flag(gradients.Residual.Accumulate)
                .Launch(map.Shape);
        }
    }

    /// <summary>The sums over rows: for the tables of the input's gradient, for scale and shift, for the gates.</summary>
    private void Sum(in Pass pass, in Segments segments, ulong tables, in BatchNormResidualGradients gradients)
    {
        ChannelLaunch sums = ChannelLaunch.Summing(segments.Count, segments.Rows, segments.Channels, pass.IsAligned(context));
        int launches = (int)LaunchShape.Ceiling(Math.Max(1, segments.Sharing), StreamsOfLaunch);
        int streams = pass.Gates?.Shape[0] ?? 1;
        long parts = (long)sums.Shape.GridY * sums.Chunks * (segments.Sharing > 0 ? segments.Count : segments.OfStream);
        using Scratch partials = context.Scratch((long)segments.Count * launches * sums.Chunks * BatchNormStatistics.SumsOfChannel * segments.Channels * sizeof(double));
        using Scratch gateParts = context.Scratch(gradients.Gates.Wanted ? streams * parts * GatesOfStream * sizeof(double) : 0);
        ulong gateTarget = gradients.Gates.Wanted ? gateParts.Address : 0;
        if (segments.Sharing > 0)
        {
            for (int launch = 0; launch < launches; launch++)
            {
                int first = launch * StreamsOfLaunch;
                KernelCall call = context.Kernel(Module, "batch_norm_residual_backward_sums_shared", pass.Input.DType).Tensor(pass.Input).Tensor(pass.Residual).Tensor(pass.Gates);
                pass.Statistics(call.Tensor(pass.GradOutput))
                    .Count(first).Count(Math.Min(StreamsOfLaunch, streams - first)).Count(launch).Count(launches)
                    .Count(segments.Rows).Count(segments.Channels).Int(sums.Width).Pointer(partials.Address).Pointer(gateTarget)
                    .Launch(sums.Shape);
            }
        }
        else
        {
            KernelCall call = context.Kernel(Module, "batch_norm_residual_backward_sums", pass.Input.DType).Tensor(pass.Input).Tensor(pass.Residual).Tensor(pass.Gates).Tensor(pass.Output);
            pass.Statistics(call.Tensor(pass.GradOutput))
                .Count(segments.OfGroup).Count(segments.OfStream).Count(segments.Rows).Count(segments.Channels).Int(sums.Width).Pointer(partials.Address).Pointer(gateTarget)
                .Launch(sums.Shape);
        }

        if (tables != 0 || gradients.Gamma.Wanted || gradients.Beta.Wanted)
        {
            statistics.Finish(
                partials, segments.Groups, (long)segments.OfGroup * launches * sums.Chunks, segments.Rows * segments.OfGroup, pass.InverseStds, pass.Gamma, gradients.Gamma, gradients.Beta,
                tables);
        }

        if (gradients.Gates.Tensor is { } target)
        {
            context.Kernel("gate", "gated_residual_gates").Pointer(gateTarget).Count(parts).Count(streams).Tensor(target).Flag(gradients.Gates.Accumulate)
                .Launch(LaunchShape.Blocks(LaunchShape.Ceiling(streams, StreamsOfLaunch)));
        }
    }

    /// <summary>What a backward pass reads.</summary>
    private readonly record struct Pass(
        Tensor Input, Tensor Gamma, Tensor Beta, Tensor Means, ulong InverseStds, Tensor? Residual, Tensor? Gates, Tensor? Output, Tensor GradOutput)
    {
        public KernelCall Statistics(KernelCall call) => call.Tensor(Means).Pointer(InverseStds).Tensor(Gamma).Tensor(Beta);

        public bool IsAligned(DeviceContext context) => context.IsAligned(InverseStds, Input, Gamma, Beta, Means, Residual, Output, GradOutput);
    }

    /// <summary>The batch, cut so that a segment belongs to one group of statistics and to one stream.</summary>
    /// <param name="Groups">Groups of statistics.</param>
    /// <param name="Count">Segments.</param>
    /// <param name="OfGroup">Segments of a group.</param>
    /// <param name="OfStream">Segments of a stream; 1 where streams share the input.</param>
    /// <param name="Sharing">Streams that share the input; 0 where none do.</param>
    /// <param name="Rows">Rows of a segment.</param>
    /// <param name="Channels">Channels.</param>
    private readonly record struct Segments(int Groups, int Count, int OfGroup, int OfStream, int Sharing, long Rows, int Channels)
    {
        public static Segments Of(Tensor input, int groups, Tensor? gates, Tensor output)
        {
            int streams = gates?.Shape[0] ?? 1;
            int sharing = output.Count > input.Count ? streams : 0;
            int count = sharing > 0 ? groups : LeastCommonMultiple(groups, streams);
            (long rows, int channels) = BatchNormStatistics.Sizes(input, count);
            return new Segments(groups, count, count / groups, sharing > 0 ? 1 : count / streams, sharing, rows, channels);
        }

        private static int LeastCommonMultiple(int a, int b)
        {
            (int x, int y) = (a, b);
            while (y != 0)
            {
                (x, y) = (y, x % y);
            }

            return a / x * b;
        }
    }
}
