using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Losses, timed.</summary>
internal sealed class ProfiledLoss(KernelRecorder recorder, ILossKernels inner) : ILossKernels
{
    private const string Family = "loss";

    public void CrossEntropy(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer)
    {
        using KernelTiming timing = recorder.Begin(Family, "cross entropy", logits, targets, classWeights);
        inner.CrossEntropy(logits, targets, classWeights, ignoreLabel, loss, normalizer);
    }

    public void CrossEntropyBackward(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "cross entropy backward", logits, targets, classWeights, gradLogits);
        inner.CrossEntropyBackward(logits, targets, classWeights, ignoreLabel, normalizer, gradLoss, gradLogits, accumulate);
    }

    public void Cosine(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        using KernelTiming timing = recorder.Begin(Family, "cosine", prediction, target, mask);
        inner.Cosine(prediction, target, mask, loss, normalizer);
    }

    public void CosineBackward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "cosine backward", prediction, target, mask, gradPrediction);
        inner.CosineBackward(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
    }

    public void L1(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        using KernelTiming timing = recorder.Begin(Family, "l1", prediction, target, mask);
        inner.L1(prediction, target, mask, loss, normalizer);
    }

    public void L1Backward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "l1 backward", prediction, target, mask, gradPrediction);
        inner.L1Backward(prediction, target, mask, normalizer, gradLoss, gradPrediction, accumulate);
    }
}
