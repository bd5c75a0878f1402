using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>Losses pixel by pixel: PyTorch's <c>cross_entropy</c> and <c>cosine_similarity</c>, and the mean absolute error.</summary>
internal sealed class LossKernels(ReferenceBackend backend) : ILossKernels
{
    private const double SmallestNorm = 1e-12;

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer)
    {
        backend.Count(nameof(backend.Loss));
        int classes = logits.Shape[-1];
        int[] labels = targets.LoadIntegers();
        double[] x = logits.Load(), weights = Weights(classWeights, classes), logarithms = new double[classes];
        double sum = 0, total = 0;
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            if (labels[pixel] != ignoreLabel)
            {
                SoftmaxKernels.LogSoftmax(x.AsSpan(pixel * classes, classes), logarithms);
                sum -= weights[labels[pixel]] * logarithms[labels[pixel]];
                total += weights[labels[pixel]];
            }
        }

        StoreMean(sum, total, loss, normalizer);
    }

    /// <inheritdoc/>
    public void CrossEntropyBackward(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate)
    {
        backend.Count(nameof(backend.Loss));
        int classes = logits.Shape[-1];
        int[] labels = targets.LoadIntegers();
        double[] x = logits.Load(), weights = Weights(classWeights, classes), logarithms = new double[classes], dx = new double[x.Length];
        double scale = Scale(gradLoss, normalizer);
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            if (labels[pixel] != ignoreLabel)
            {
                SoftmaxKernels.LogSoftmax(x.AsSpan(pixel * classes, classes), logarithms);
                for (int c = 0; c < classes; c++)
                {
                    dx[(pixel * classes) + c] = scale * weights[labels[pixel]] * (Math.Exp(logarithms[c]) - (c == labels[pixel] ? 1 : 0));
                }
            }
        }

        gradLogits.Store(dx, accumulate);
    }

    /// <inheritdoc/>
    public void Cosine(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        backend.Count(nameof(backend.Loss));
        int channels = prediction.Shape[-1];
        int[] counts = mask.LoadIntegers();
        double[] p = prediction.Load(), t = target.Load();
        double sum = 0, total = 0;
        for (int pixel = 0; pixel < counts.Length; pixel++)
        {
            if (counts[pixel] != 0)
            {
                Span<double> a = p.AsSpan(pixel * channels, channels), b = t.AsSpan(pixel * channels, channels);
                sum += 1 - (Dot(a, b) / (Norm(a) * Norm(b)));
                total++;
            }
        }

        StoreMean(sum, total, loss, normalizer);
    }

    /// <inheritdoc/>
    public void CosineBackward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        backend.Count(nameof(backend.Loss));
        int channels = prediction.Shape[-1];
        int[] counts = mask.LoadIntegers();
        double[] p = prediction.Load(), t = target.Load(), dp = new double[p.Length];
        double scale = Scale(gradLoss, normalizer);
        for (int pixel = 0; pixel < counts.Length; pixel++)
        {
            Span<double> a = p.AsSpan(pixel * channels, channels), b = t.AsSpan(pixel * channels, channels);
            double norm = Norm(a), otherNorm = Norm(b), cosine = Dot(a, b) / (norm * otherNorm);

            // A norm held at its smallest value does not move with the prediction.
            double pull = Math.Sqrt(Dot(a, a)) > SmallestNorm ? cosine : 0;
            for (int c = 0; c < channels && counts[pixel] != 0; c++)
            {
                dp[(pixel * channels) + c] = -scale * ((b[c] / otherNorm) - (pull * a[c] / norm)) / norm;
            }
        }

        gradPrediction.Store(dp, accumulate);
    }

    /// <inheritdoc/>
    public void L1(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        backend.Count(nameof(backend.Loss));
        int channels = prediction.Shape[-1];
        int[] counts = mask.LoadIntegers();
        double[] p = prediction.Load(), t = target.Load();
        double sum = 0, total = 0;
        for (int i = 0; i < p.Length; i++)
        {
            if (counts[i / channels] != 0)
            {
                sum += Math.Abs(p[i] - t[i]);
                total++;
            }
        }

        StoreMean(sum, total, loss, normalizer);
    }

    /// <inheritdoc/>
    public void L1Backward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        backend.Count(nameof(backend.Loss));
        int channels = prediction.Shape[-1];
        int[] counts = mask.LoadIntegers();
        double[] p = prediction.Load(), t = target.Load(), dp = new double[p.Length];
        double scale = Scale(gradLoss, normalizer);
        for (int i = 0; i < p.Length; i++)
        {
            dp[i] = counts[i / channels] != 0 ? scale * Math.Sign(p[i] - t[i]) : 0;
        }

        gradPrediction.Store(dp, accumulate);
    }

    private static double[] Weights(Tensor? classWeights, int classes)
    {
        if (classWeights is not null)
        {
            return classWeights.Load();
        }

        var ones = new double[classes];
        Array.Fill(ones, 1);
        return ones;
    }

    private static void StoreMean(double sum, double total, Tensor loss, Tensor normalizer)
    {
        loss.Store([total > 0 ? sum / total : 0]);
        normalizer.Store([total]);
    }

    private static double Scale(Tensor gradLoss, Tensor normalizer)
    {
        double total = normalizer.Load()[0];
        return total > 0 ? gradLoss.Load()[0] / total : 0;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static double Norm(ReadOnlySpan<double> a) => Math.Max(Math.Sqrt(Dot(a, a)), SmallestNorm);
}
