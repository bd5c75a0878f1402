using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Losses of pixels; each part of the pixels has sums of its own in double precision, added in order.</summary>
internal sealed unsafe class LossKernels(CpuThreads threads) : ILossKernels
{
    // An exponential costs about as much as this many plain operations.
    private const long ExpCost = 4;

    /// <inheritdoc/>
    /// <exception cref="AdaShareException">A target is neither a class nor the label to ignore.</exception>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer)
    {
        if (Lanes.IsSingle(logits))
        {
            CrossEntropy<float>(logits, targets, classWeights, ignoreLabel, loss, normalizer);
        }
        else
        {
            CrossEntropy<double>(logits, targets, classWeights, ignoreLabel, loss, normalizer);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AdaShareException">A target is neither a class nor the label to ignore.</exception>
    public void CrossEntropyBackward(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate)
    {
        if (Lanes.IsSingle(logits))
        {
            CrossEntropyBackward<float>(logits, targets, classWeights, ignoreLabel, normalizer, gradLoss, gradLogits, accumulate);
        }
        else
        {
            CrossEntropyBackward<double>(logits, targets, classWeights, ignoreLabel, normalizer, gradLoss, gradLogits, accumulate);
        }
    }

    /// <inheritdoc/>
    public void Cosine(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        if (Lanes.IsSingle(prediction))
        {
            Cosine<float>(prediction, target, mask, loss, normalizer);
        }
        else
        {
            Cosine<double>(prediction, target, mask, loss, normalizer);
        }
    }

    /// <inheritdoc/>
    public void CosineBackward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        if (Lanes.IsSingle(prediction))
        {
            CosineBackward<float>(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
        }
        else
        {
            CosineBackward<double>(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
        }
    }

    /// <inheritdoc/>
    public void L1(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        if (Lanes.IsSingle(prediction))
        {
            L1<float>(prediction, target, mask, loss, normalizer);
        }
        else
        {
            L1<double>(prediction, target, mask, loss, normalizer);
        }
    }

    /// <inheritdoc/>
    public void L1Backward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        if (Lanes.IsSingle(prediction))
        {
            L1Backward<float>(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
        }
        else
        {
            L1Backward<double>(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
        }
    }

    private void CrossEntropy<T>(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = logits.Shape[-1], parts = Ranges.Parts(ExpCost * logits.Count);
        CheckTargets(targets, classes, ignoreLabel);
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, 2L * parts);
        var body = new CrossEntropyBody<T>(logits.Pointer<T>(), targets.Pointer<int>(), classWeights.PointerOrNull<T>(), ignoreLabel, classes, sums);
        Ranges.ForParts(threads, parts, targets.Count, body);
        (double total, double weight) = Combine(sums, parts);
        *loss.Pointer<T>() = Lanes.Round<T>(weight == 0 ? 0 : total / weight);
        *normalizer.Pointer<T>() = Lanes.Round<T>(weight);
    }

    private void CrossEntropyBackward<T>(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = logits.Shape[-1];
        CheckTargets(targets, classes, ignoreLabel);
        var body = new CrossEntropyGradientBody<T>(
            threads, logits.Pointer<T>(), targets.Pointer<int>(), classWeights.PointerOrNull<T>(), ignoreLabel, classes, Factor<T>(gradLoss, normalizer), gradLogits.Pointer<T>(), accumulate);
        Ranges.For(threads, targets.Count, ExpCost * classes, body);
    }

    private void Cosine<T>(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int parts = Ranges.Parts(prediction.Count);
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, 2L * parts);
        Ranges.ForParts(threads, parts, mask.Count, new CosineBody<T>(prediction.Pointer<T>(), target.Pointer<T>(), mask.Pointer<byte>(), prediction.Shape[-1], sums));
        (double total, double count) = Combine(sums, parts);
        *loss.Pointer<T>() = Lanes.Round<T>(count == 0 ? 0 : 1 - (total / count));
        *normalizer.Pointer<T>() = Lanes.Round<T>(count);
    }

    private void CosineBackward<T>(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = prediction.Shape[-1];
        var body = new CosineGradientBody<T>(
            prediction.Pointer<T>(), target.Pointer<T>(), mask.Pointer<byte>(), channels, -Factor<T>(gradLoss, normalizer), gradPrediction.Pointer<T>(), accumulate);
        Ranges.For(threads, mask.Count, channels, body);
    }

    private void L1<T>(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int parts = Ranges.Parts(prediction.Count), channels = prediction.Shape[-1];
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, 2L * parts);
        Ranges.ForParts(threads, parts, mask.Count, new L1Body<T>(prediction.Pointer<T>(), target.Pointer<T>(), mask.Pointer<byte>(), channels, sums));
        (double total, double pixels) = Combine(sums, parts);
        double count = pixels * channels;
        *loss.Pointer<T>() = Lanes.Round<T>(count == 0 ? 0 : total / count);
        *normalizer.Pointer<T>() = Lanes.Round<T>(count);
    }

    private void L1Backward<T>(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int channels = prediction.Shape[-1];
        var body = new L1GradientBody<T>(
            prediction.Pointer<T>(), target.Pointer<T>(), mask.Pointer<byte>(), channels, Lanes.Round<T>(Factor<T>(gradLoss, normalizer)), gradPrediction.Pointer<T>(), accumulate);
        Ranges.For(threads, mask.Count, channels, body);
    }

    // gradLoss / normalizer, 0 where nothing counts.
    private static double Factor<T>(Tensor gradLoss, Tensor normalizer) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double count = Lanes.Double(*normalizer.Pointer<T>());
        return count == 0 ? 0 : Lanes.Double(*gradLoss.Pointer<T>()) / count;
    }

    private static (double First, double Second) Combine(double* sums, int parts)
    {
        double first = 0, second = 0;
        for (int p = 0; p < parts; p++)
        {
            first += sums[2 * p];
            second += sums[(2 * p) + 1];
        }

        return (first, second);
    }

    private static void CheckTargets(Tensor targets, int classes, int ignoreLabel)
    {
        int* labels = targets.Pointer<int>();
        for (long i = 0; i < targets.Count; i++)
        {
            if ((uint)labels[i] >= (uint)classes && labels[i] != ignoreLabel)
            {
                throw new AdaShareException(
                    $"cross-entropy: target {i} of {targets.Shape} is {labels[i]}, expected a class 0 to {classes - 1} or {ignoreLabel} to ignore; check the labels or the number of classes");
            }
        }
    }
}
