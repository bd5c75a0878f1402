using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Pixels of the cross-entropy: the part's sums of w l and of w.</summary>
internal readonly unsafe struct CrossEntropyBody<T>(T* logits, int* targets, T* classWeights, int ignoreLabel, int classes, double* sums) : IPartBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int part, long start, long end)
    {
        double total = 0, weights = 0;
        for (long pixel = start; pixel < end; pixel++)
        {
            int target = targets[pixel];
            if (target == ignoreLabel)
            {
                continue;
            }

            T* x = logits + (pixel * classes);
            T max = RowMath.Max(x, classes);
            double weight = classWeights == null ? 1 : Lanes.Double(classWeights[target]);
            total += weight * (Math.Log(RowMath.SumExp(x, classes, max)) - (Lanes.Double(x[target]) - Lanes.Double(max)));
            weights += weight;
        }

        sums[2 * part] = total;
        sums[(2 * part) + 1] = weights;
    }
}

/// <summary>Pixels of the cross-entropy's gradient: factor w (softmax - one-hot).</summary>
internal readonly unsafe struct CrossEntropyGradientBody<T>(
    CpuThreads threads, T* logits, int* targets, T* classWeights, int ignoreLabel, int classes, double factor, T* gradLogits, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        T* row = accumulate ? threads.Scratch.Local<T>(ScratchSlot.Rows, classes) : null;
        for (long pixel = start; pixel < end; pixel++)
        {
            int target = targets[pixel];
            T* x = logits + (pixel * classes), dx = gradLogits + (pixel * classes);
            if (target == ignoreLabel || factor == 0)
            {
                if (!accumulate)
                {
                    new Span<T>(dx, classes).Clear();
                }

                continue;
            }

            // The exponentials wait in the target itself where it holds nothing yet.
            T* exponentials = accumulate ? row : dx;
            double sum = RowMath.Exp(x, exponentials, classes, RowMath.Max(x, classes));
            double scale = classWeights == null ? factor : factor * Lanes.Double(classWeights[target]);
            RowMath.Scale(exponentials, Lanes.Round<T>(scale / sum), dx, classes, accumulate);
            dx[target] -= Lanes.Round<T>(scale);
        }
    }
}

/// <summary>What the cosine loss needs of one pixel.</summary>
internal readonly unsafe struct CosinePixel
{
    private const double MinNorm = 1e-12;

    private CosinePixel(double dot, double predictionNorm, double targetNorm)
    {
        IsClamped = predictionNorm < MinNorm;
        PredictionNorm = Math.Max(predictionNorm, MinNorm);
        TargetNorm = Math.Max(targetNorm, MinNorm);
        Cosine = dot / (PredictionNorm * TargetNorm);
    }

    /// <summary>p t / (|p| |t|).</summary>
    public double Cosine { get; }

    /// <summary>|p|, at least 1e-12.</summary>
    public double PredictionNorm { get; }

    /// <summary>|t|, at least 1e-12.</summary>
    public double TargetNorm { get; }

    /// <summary>Whether |p| is the bound, and so a constant.</summary>
    public bool IsClamped { get; }

    /// <summary>Measures one pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CosinePixel Of<T>(T* prediction, T* target, int channels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double dot = 0, predictionSquare = 0, targetSquare = 0;
        for (int c = 0; c < channels; c++)
        {
            double p = Lanes.Double(prediction[c]), t = Lanes.Double(target[c]);
            dot += p * t;
            predictionSquare += p * p;
            targetSquare += t * t;
        }

        return new CosinePixel(dot, Math.Sqrt(predictionSquare), Math.Sqrt(targetSquare));
    }
}

/// <summary>Pixels of the cosine loss: the part's sum of cosines and count.</summary>
internal readonly unsafe struct CosineBody<T>(T* prediction, T* target, byte* mask, int channels, double* sums) : IPartBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int part, long start, long end)
    {
        double total = 0;
        long count = 0;
        for (long pixel = start; pixel < end; pixel++)
        {
            if (mask[pixel] != 0)
            {
                total += CosinePixel.Of(prediction + (pixel * channels), target + (pixel * channels), channels).Cosine;
                count++;
            }
        }

        sums[2 * part] = total;
        sums[(2 * part) + 1] = count;
    }
}

/// <summary>Pixels of the cosine's gradient: factor (t / (|p| |t|) - cos p / |p|^2).</summary>
internal readonly unsafe struct CosineGradientBody<T>(T* prediction, T* target, byte* mask, int channels, double factor, T* gradient, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            T* p = prediction + (pixel * channels), t = target + (pixel * channels), dp = gradient + (pixel * channels);
            double ofTarget = 0, ofPrediction = 0;
            if (mask[pixel] != 0)
            {
                var measured = CosinePixel.Of(p, t, channels);
                ofTarget = factor / (measured.PredictionNorm * measured.TargetNorm);
                ofPrediction = measured.IsClamped ? 0 : -factor * measured.Cosine / (measured.PredictionNorm * measured.PredictionNorm);
            }
            else if (accumulate)
            {
                continue;
            }

            for (int c = 0; c < channels; c++)
            {
                double value = mask[pixel] == 0 ? 0 : (ofTarget * Lanes.Double(t[c])) + (ofPrediction * Lanes.Double(p[c]));
                dp[c] = Lanes.Round<T>(accumulate ? Lanes.Double(dp[c]) + value : value);
            }
        }
    }
}

/// <summary>Pixels of the L1 loss: the part's sum of differences and count of pixels.</summary>
internal readonly unsafe struct L1Body<T>(T* prediction, T* target, byte* mask, int channels, double* sums) : IPartBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int part, long start, long end)
    {
        double total = 0;
        long count = 0;
        for (long pixel = start; pixel < end; pixel++)
        {
            if (mask[pixel] == 0)
            {
                continue;
            }

            count++;
            for (long i = pixel * channels; i < (pixel + 1) * channels; i++)
            {
                total += Math.Abs(Lanes.Double(prediction[i]) - Lanes.Double(target[i]));
            }
        }

        sums[2 * part] = total;
        sums[(2 * part) + 1] = count;
    }
}

/// <summary>Pixels of the L1 loss's gradient: factor sign(prediction - target).</summary>
internal readonly unsafe struct L1GradientBody<T>(T* prediction, T* target, byte* mask, int channels, T factor, T* gradient, bool accumulate) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long start, long end)
    {
        for (long pixel = start; pixel < end; pixel++)
        {
            T open = mask[pixel] == 0 ? T.Zero : factor;
            for (long i = pixel * channels; i < (pixel + 1) * channels; i++)
            {
                T value = prediction[i] > target[i] ? open : prediction[i] < target[i] ? -open : T.Zero;
                gradient[i] = accumulate ? gradient[i] + value : value;
            }
        }
    }
}
