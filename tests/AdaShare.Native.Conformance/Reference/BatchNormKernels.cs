using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// Batch normalisation after Ioffe and Szegedy, "Batch Normalization" (ICML 2015), algorithm 1 and the gradients of its section 3, with the running
/// statistics of PyTorch's <c>BatchNorm2d</c>; each group along the batch is normalised as if it were alone.
/// </summary>
internal sealed class BatchNormKernels(ReferenceBackend backend) : IBatchNormKernels
{
    /// <inheritdoc/>
    public void ForwardTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        backend.Count(nameof(backend.BatchNorm));
        output.Store(NormalizeTraining(input, gamma, beta, epsilon, relu, savedMean, savedInverseStd, running));
    }

    /// <inheritdoc/>
    public void ForwardInference(Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, bool relu, Tensor output)
    {
        backend.Count(nameof(backend.BatchNorm));
        output.Store(Normalize(input.Load(), runningMean.Load(), InverseStd(runningVariance.Load(), epsilon), gamma, beta, relu));
    }

    /// <inheritdoc/>
    public void BackwardTraining(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor savedMean, Tensor savedInverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        backend.Count(nameof(backend.BatchNorm));
        double[] x = input.Load(), mean = savedMean.Load(), inverseStd = savedInverseStd.Load();
        double[] dy = ThroughRelu(gradOutput, x, mean, inverseStd, gamma, beta);
        StoreGradientsTraining(x, dy, gamma, mean, inverseStd, gradInput, gradGamma, gradBeta);
    }

    /// <inheritdoc/>
    public void BackwardInference(Tensor input, Tensor gradOutput, Tensor gamma, Tensor? beta, Tensor runningMean, Tensor runningVariance, double epsilon, Target gradInput, Target gradGamma, Target gradBeta)
    {
        backend.Count(nameof(backend.BatchNorm));
        double[] x = input.Load(), mean = runningMean.Load(), inverseStd = InverseStd(runningVariance.Load(), epsilon);
        double[] dy = ThroughRelu(gradOutput, x, mean, inverseStd, gamma, beta);
        StoreGradientsInference(x, dy, gamma, mean, inverseStd, gradInput, gradGamma, gradBeta);
    }

    /// <summary>The normalised input with the batch's own statistics, which are stored, and update the running ones.</summary>
    internal static double[] NormalizeTraining(Tensor input, Tensor gamma, Tensor beta, double epsilon, bool relu, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        int channels = gamma.Shape[0], groups = savedMean.Shape[0];
        double[] x = input.Load();
        int pixels = x.Length / channels / groups;
        var mean = new double[groups * channels];
        var variance = new double[groups * channels];
        for (int i = 0; i < x.Length; i++)
        {
            mean[Statistic(i, pixels, channels)] += x[i] / pixels;
        }

        for (int i = 0; i < x.Length; i++)
        {
            double deviation = x[i] - mean[Statistic(i, pixels, channels)];
            variance[Statistic(i, pixels, channels)] += deviation * deviation / pixels;
        }

        double[] inverseStd = InverseStd(variance, epsilon);
        savedMean.Store(mean);
        savedInverseStd.Store(inverseStd);
        UpdateRunning(running, mean, Array.ConvertAll(variance, v => v * pixels / (pixels - 1)));
        return Normalize(x, mean, inverseStd, gamma, beta, relu);
    }

    /// <summary>The normalised input with statistics [G, C].</summary>
    internal static double[] Normalize(double[] x, double[] mean, double[] inverseStd, Tensor gamma, Tensor beta, bool relu)
    {
        double[] scale = gamma.Load(), shift = beta.Load(), y = new double[x.Length];
        int pixels = x.Length / mean.Length;
        for (int i = 0; i < x.Length; i++)
        {
            int s = Statistic(i, pixels, scale.Length), c = i % scale.Length;
            double value = (scale[c] * (x[i] - mean[s]) * inverseStd[s]) + shift[c];
            y[i] = relu ? Math.Max(value, 0) : value;
        }

        return y;
    }

    /// <summary>Stores the gradients where the statistics are the batch's own.</summary>
    internal static void StoreGradientsTraining(double[] x, double[] dy, Tensor gamma, double[] mean, double[] inverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        int channels = gamma.Shape[0], pixels = x.Length / mean.Length;
        (double[] sumGradient, double[] sumProduct) = Sums(x, dy, pixels, channels, mean, inverseStd);
        if (gradInput.Wanted)
        {
            double[] scale = gamma.Load();
            var dx = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                int s = Statistic(i, pixels, channels);
                double normalized = (x[i] - mean[s]) * inverseStd[s];
                dx[i] = scale[i % channels] * inverseStd[s] * (dy[i] - ((sumGradient[s] + (normalized * sumProduct[s])) / pixels));
            }

            gradInput.Tensor!.Store(dx, gradInput.Accumulate);
        }

        StoreParameterGradients(sumGradient, sumProduct, channels, gradGamma, gradBeta);
    }

    /// <summary>Stores the gradients where the statistics are constants.</summary>
    internal static void StoreGradientsInference(double[] x, double[] dy, Tensor gamma, double[] mean, double[] inverseStd, Target gradInput, Target gradGamma, Target gradBeta)
    {
        int channels = gamma.Shape[0];
        (double[] sumGradient, double[] sumProduct) = Sums(x, dy, x.Length / channels, channels, mean, inverseStd);
        double[] scale = gamma.Load();
        double[] dx = [.. dy.Select((gradient, i) => gradient * scale[i % channels] * inverseStd[i % channels])];
        gradInput.Tensor?.Store(dx, gradInput.Accumulate);
        StoreParameterGradients(sumGradient, sumProduct, channels, gradGamma, gradBeta);
    }

    /// <summary>1 / sqrt(variance + epsilon).</summary>
    internal static double[] InverseStd(double[] variance, double epsilon) => Array.ConvertAll(variance, v => 1 / Math.Sqrt(v + epsilon));

    /// <summary>The index in [G, C] of the statistics that element i of the input belongs to.</summary>
    private static int Statistic(int i, int pixels, int channels) => (i / (pixels * channels) * channels) + (i % channels);

    private static void UpdateRunning(RunningStatistics? running, double[] mean, double[] unbiasedVariance)
    {
        if (running is null)
        {
            return;
        }

        double[] runningMean = running.Mean.Load(), runningVariance = running.Variance.Load();
        foreach (int group in running.Updates)
        {
            for (int c = 0; c < runningMean.Length; c++)
            {
                int s = (group * runningMean.Length) + c;
                runningMean[c] = ((1 - running.Momentum) * runningMean[c]) + (running.Momentum * mean[s]);
                runningVariance[c] = ((1 - running.Momentum) * runningVariance[c]) + (running.Momentum * unbiasedVariance[s]);
            }
        }

        running.Mean.Store(runningMean);
        running.Variance.Store(runningVariance);
    }

    private static double[] ThroughRelu(Tensor gradOutput, double[] x, double[] mean, double[] inverseStd, Tensor gamma, Tensor? beta)
    {
        double[] gradient = gradOutput.Load();
        double[]? y = beta is null ? null : Normalize(x, mean, inverseStd, gamma, beta, relu: false);
        for (int i = 0; y is not null && i < y.Length; i++)
        {
            gradient[i] = y[i] > 0 ? gradient[i] : 0;
        }

        return gradient;
    }

    /// <summary>For each statistic the sum of the gradient, and of the gradient times the normalised input.</summary>
    private static (double[] Gradient, double[] Product) Sums(double[] x, double[] dy, int pixels, int channels, double[] mean, double[] inverseStd)
    {
        var gradient = new double[mean.Length];
        var product = new double[mean.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int s = Statistic(i, pixels, channels);
            gradient[s] += dy[i];
            product[s] += dy[i] * (x[i] - mean[s]) * inverseStd[s];
        }

        return (gradient, product);
    }

    private static void StoreParameterGradients(double[] sumGradient, double[] sumProduct, int channels, Target gradGamma, Target gradBeta)
    {
        gradGamma.Tensor?.Store(OverGroups(sumProduct, channels), gradGamma.Accumulate);
        gradBeta.Tensor?.Store(OverGroups(sumGradient, channels), gradBeta.Accumulate);
    }

    private static double[] OverGroups(double[] values, int channels)
    {
        var sum = new double[channels];
        for (int i = 0; i < values.Length; i++)
        {
            sum[i % channels] += values[i];
        }

        return sum;
    }
}
