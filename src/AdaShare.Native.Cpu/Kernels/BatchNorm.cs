using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015). Statistics are summed in double precision over a fixed number of row blocks, then the data is
/// normalised in one pass.
/// </summary>
internal sealed unsafe class BatchNormKernels(CpuThreads threads) : IBatchNormKernels
{
    /// <inheritdoc/>
    public void ForwardTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        if (Lanes.IsSingle(input))
        {
            ForwardTraining<float>(input, gamma, beta, epsilon, relu, output, savedMean, savedInverseStd, running);
        }
        else
        {
            ForwardTraining<double>(input, gamma, beta, epsilon, relu, output, savedMean, savedInverseStd, running);
        }
    }

    /// <inheritdoc/>
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            ForwardInference<float>(input, gamma, beta, runningMean, runningVariance, epsilon, relu, output);
        }
        else
        {
            ForwardInference<double>(input, gamma, beta, runningMean, runningVariance, epsilon, relu, output);
        }
    }

    /// <inheritdoc/>
    public void BackwardTraining(Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        int groups = savedMean.Shape[0];
        if (Lanes.IsSingle(input))
        {
            var means = new DoubleView<float>(savedMean);
            var scales = new DoubleView<float>(savedInverseStd);
            Backward<float>(input, output, gradOutput, gamma, groups, means, scales, batchStatistics: true, gradInput, gradGamma, gradBeta);
        }
        else
        {
            var means = new DoubleView<double>(savedMean);
            var scales = new DoubleView<double>(savedInverseStd);
            Backward<double>(input, output, gradOutput, gamma, groups, means, scales, batchStatistics: true, gradInput, gradGamma, gradBeta);
        }
    }

    /// <inheritdoc/>
    public void BackwardInference(Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta)
    {
        if (Lanes.IsSingle(input))
        {
            var means = new DoubleView<float>(runningMean);
            var scales = new DoubleView<float>(runningVariance, epsilon);
            Backward<float>(input, output, gradOutput, gamma, 1, means, scales, batchStatistics: false, gradInput, gradGamma, gradBeta);
        }
        else
        {
            var means = new DoubleView<double>(runningMean);
            var scales = new DoubleView<double>(runningVariance, epsilon);
            Backward<double>(input, output, gradOutput, gamma, 1, means, scales, batchStatistics: false, gradInput, gradGamma, gradBeta);
        }
    }

    private void ForwardTraining<T>(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = input.Shape[-1], groups = savedMean.Shape[0];
        long rows = input.Count / Math.Max(1, channels) / groups;
        if (input.Count == 0)
        {
            return;
        }

        int parts = Ranges.Parts(rows * channels);
        int length = ChannelTable.Length(channels), pivotLength = ColumnSums.TableLength(channels);
        long sumCount = (long)groups * parts * 2 * channels;
        long pivotCount = (long)groups * pivotLength;
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, sumCount + pivotCount + (2L * groups * channels) + (3L * groups * length));
        double* pivots = sums + sumCount;
        double* means = pivots + pivotCount;
        double* variances = means + ((long)groups * channels);
        T* tables = (T*)(variances + ((long)groups * channels));

        T* x = input.Pointer<T>();
        FillPivots(x, rows, groups, channels, pivots, pivotLength);
        new Span<double>(sums, checked((int)sumCount)).Clear();
        threads.For(groups * parts, new StatisticsBody<T>(x, rows, channels, parts, sums, pivots, pivotLength));
        for (int g = 0; g < groups; g++)
        {
            Combine(sums + ((long)g * parts * 2 * channels), parts, channels);
        }

        for (int g = 0; g < groups; g++)
        {
            for (int c = 0; c < channels; c++)
            {
                long i = ((long)g * channels) + c;
                double* total = sums + ((long)g * parts * 2 * channels);
                double offset = total[c] / rows;
                means[i] = pivots[((long)g * pivotLength) + c] + offset;
                variances[i] = Math.Max(0, (total[channels + c] / rows) - (offset * offset));
                savedMean.Pointer<T>()[i] = Lanes.Round<T>(means[i]);
                savedInverseStd.Pointer<T>()[i] = Lanes.Round<T>(1 / Math.Sqrt(variances[i] + epsilon));
            }

            FillForwardTables(means + ((long)g * channels), variances + ((long)g * channels), epsilon, gamma.Pointer<T>(), beta.Pointer<T>(), channels, length, tables + (3L * g * length));
        }

        Ranges.For(threads, groups * rows, channels, new NormalizeBody<T>(x, output.Pointer<T>(), rows, channels, length, tables, relu));
        if (running is not null)
        {
            UpdateRunning<T>(running, means, variances, rows, channels);
        }
    }

    private void ForwardInference<T>(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = input.Shape[-1];
        if (input.Count == 0)
        {
            return;
        }

        long rows = input.Count / channels;
        int length = ChannelTable.Length(channels);
        double* means = threads.Scratch.Shared<double>(ScratchSlot.Partials, (2L * channels) + (3L * length));
        double* variances = means + channels;
        for (int c = 0; c < channels; c++)
        {
            means[c] = Lanes.Double(runningMean.Pointer<T>()[c]);
            variances[c] = Lanes.Double(runningVariance.Pointer<T>()[c]);
        }

        T* tables = (T*)(variances + channels);
        FillForwardTables(means, variances, epsilon, gamma.Pointer<T>(), beta.Pointer<T>(), channels, length, tables);
        Ranges.For(threads, rows, channels, new NormalizeBody<T>(input.Pointer<T>(), output.Pointer<T>(), rows, channels, length, tables, relu));
    }

    private void Backward<T>(
        Tensor input, Tensor? output, Tensor gradOutput, Tensor gamma, int groups, DoubleView<T> means, DoubleView<T> scales, bool batchStatistics,
        Target gradInput, Target gradGamma, Target gradBeta) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = input.Shape[-1];
        long rows = input.Count / Math.Max(1, channels) / groups;
        int parts = Ranges.Parts(rows * channels);
        int length = ChannelTable.Length(channels), meanLength = ColumnSums.TableLength(channels);
        long sumCount = (long)groups * parts * 2 * channels;
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, sumCount + ((long)groups * meanLength) + (4L * groups * length));
        double* meanTable = sums + sumCount;
        T* tables = (T*)(meanTable + ((long)groups * meanLength));
        T* x = input.Pointer<T>(), dy = gradOutput.Pointer<T>(), y = output.PointerOrNull<T>();

        for (int g = 0; g < groups; g++)
        {
            for (int c = 0; c < channels; c++)
            {
                meanTable[((long)g * meanLength) + c] = means[((long)g * channels) + c];
            }

            ChannelTable.Repeat(meanTable + ((long)g * meanLength), channels, meanLength);
        }

        new Span<double>(sums, checked((int)sumCount)).Clear();
        if (input.Count > 0 && (batchStatistics || gradGamma.Wanted || gradBeta.Wanted))
        {
            threads.For(groups * parts, new GradientSumsBody<T>(x, dy, y, rows, channels, parts, sums, meanTable, meanLength));
        }

        for (int g = 0; g < groups; g++)
        {
            double* total = sums + ((long)g * parts * 2 * channels);
            Combine(total, parts, channels);
            FillBackwardTables(total, g, means, scales, gamma.Pointer<T>(), batchStatistics ? rows : 0, channels, length, tables + (4L * g * length));
        }

        StoreChannelGradients<T>(sums, groups, parts, channels, scales, gradGamma, gradBeta);
        if (gradInput.Tensor is not null && input.Count > 0)
        {
            Ranges.For(threads, groups * rows, channels, new GradientBody<T>(x, dy, y, gradInput.Tensor.Pointer<T>(), rows, channels, length, tables, gradInput.Accumulate));
        }
    }

    // The first row is close to the mean, so sums of differences from it lose nothing to cancellation. Squares of float32 are exact in double
    // precision, where a mean of a thousand standard deviations costs six of sixteen digits; only float64 needs the pivot.
    private static void FillPivots<T>(T* x, long rows, int groups, int channels, double* pivots, int pivotLength) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int g = 0; g < groups; g++)
        {
            for (int c = 0; c < channels; c++)
            {
                pivots[((long)g * pivotLength) + c] = typeof(T) == typeof(double) ? Lanes.Double(x[(g * rows * channels) + c]) : 0;
            }

            ChannelTable.Repeat(pivots + ((long)g * pivotLength), channels, pivotLength);
        }
    }

    // Adds all parts of a group to its first, in order.
    private static void Combine(double* sums, int parts, int channels)
    {
        for (int p = 1; p < parts; p++)
        {
            for (int c = 0; c < 2 * channels; c++)
            {
                sums[c] += sums[((long)p * 2 * channels) + c];
            }
        }
    }

    // y = (x - mean) * scale + shift, where the shift carries what the mean loses when it is rounded.
    private static void FillForwardTables<T>(double* means, double* variances, double epsilon, T* gamma, T* beta, int channels, int length, T* tables)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int c = 0; c < channels; c++)
        {
            double scale = Lanes.Double(gamma[c]) / Math.Sqrt(variances[c] + epsilon);
            T mean = Lanes.Round<T>(means[c]);
            tables[c] = mean;
            tables[length + c] = Lanes.Round<T>(scale);
            tables[(2 * length) + c] = Lanes.Round<T>(Lanes.Double(beta[c]) - ((means[c] - Lanes.Double(mean)) * scale));
        }

        for (int t = 0; t < 3; t++)
        {
            ChannelTable.Repeat(tables + ((long)t * length), channels, length);
        }
    }

    // dx = gamma s (dy - mean(dy) - xhat mean(dy xhat)), xhat = (x - mean) s, as factors of dy and x - mean and a constant; rows = 0 stands for
    // constant statistics, where only the first term is there.
    private static void FillBackwardTables<T>(double* total, int group, DoubleView<T> means, DoubleView<T> scales, T* gamma, long rows, int channels, int length, T* tables)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int c = 0; c < channels; c++)
        {
            long i = ((long)group * channels) + c;
            double scale = scales[i], factor = Lanes.Double(gamma[c]) * scale;
            tables[c] = Lanes.Round<T>(means[i]);
            tables[length + c] = Lanes.Round<T>(factor);
            tables[(2 * length) + c] = Lanes.Round<T>(rows == 0 ? 0 : -factor * scale * scale * total[channels + c] / rows);
            tables[(3 * length) + c] = Lanes.Round<T>(rows == 0 ? 0 : -factor * total[c] / rows);
        }

        for (int t = 0; t < 4; t++)
        {
            ChannelTable.Repeat(tables + ((long)t * length), channels, length);
        }
    }

    private static void StoreChannelGradients<T>(double* sums, int groups, int parts, int channels, DoubleView<T> scales, Target gradGamma, Target gradBeta)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int c = 0; c < channels; c++)
        {
            double scaleGradient = 0, shiftGradient = 0;
            for (int g = 0; g < groups; g++)
            {
                double* total = sums + ((long)g * parts * 2 * channels);
                shiftGradient += total[c];
                scaleGradient += total[channels + c] * scales[((long)g * channels) + c];
            }

            Store<T>(gradGamma, c, scaleGradient);
            Store<T>(gradBeta, c, shiftGradient);
        }
    }

    private static void Store<T>(Target target, int index, double value) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (target.Tensor is not null)
        {
            T* element = target.Tensor.Pointer<T>() + index;
            *element = Lanes.Round<T>(target.Accumulate ? Lanes.Double(*element) + value : value);
        }
    }

    private static void UpdateRunning<T>(RunningStatistics running, double* means, double* variances, long rows, int channels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* mean = running.Mean.Pointer<T>(), variance = running.Variance.Pointer<T>();
        double keep = 1 - running.Momentum, unbias = rows > 1 ? rows / (rows - 1.0) : 1;
        for (int c = 0; c < channels; c++)
        {
            double m = Lanes.Double(mean[c]), v = Lanes.Double(variance[c]);
            for (int u = 0; u < running.Updates.Count; u++)
            {
                long i = ((long)running.Updates[u] * channels) + c;
                m = (keep * m) + (running.Momentum * means[i]);
                v = (keep * v) + (running.Momentum * variances[i] * unbias);
            }

            mean[c] = Lanes.Round<T>(m);
            variance[c] = Lanes.Round<T>(v);
        }
    }

    // Saved statistics as doubles: a mean, an inverse standard deviation, or one made from a variance.
    private readonly struct DoubleView<T>(Tensor tensor, double epsilon = double.NaN) where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _values = tensor.Pointer<T>();

        public double this[long index] => double.IsNaN(epsilon) ? Lanes.Double(_values[index]) : 1 / Math.Sqrt(Lanes.Double(_values[index]) + epsilon);
    }
}
