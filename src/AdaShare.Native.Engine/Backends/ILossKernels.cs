using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>
/// Mean losses over the pixels that count. Each forward pass also writes its normaliser (number or weight of the pixels that count), which the backward pass
/// reads. Where nothing counts the loss is 0 and so is its gradient. Sums are taken in double precision in a fixed order.
/// </summary>
public interface ILossKernels
{
    /// <summary>The weighted mean of -log softmax(logits)[target]: sum(w_t l) / sum(w_t), as PyTorch defines it.</summary>
    /// <param name="logits">[…, C].</param>
    /// <param name="targets">Int32 […], each 0 … C - 1 or <paramref name="ignoreLabel"/>.</param>
    /// <param name="classWeights">[C] or null for 1.</param>
    /// <param name="ignoreLabel">The label that does not count.</param>
    /// <param name="loss">One element.</param>
    /// <param name="normalizer">One element.</param>
    void CrossEntropy(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer);

    /// <summary>gradLogits (+)= gradLoss * d loss / d logits.</summary>
    void CrossEntropyBackward(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate);

    /// <summary>1 - mean over counting pixels of the cosine between prediction and target along the last dimension; norms are at least 1e-12.</summary>
    /// <param name="prediction">[…, C].</param>
    /// <param name="target">[…, C], any length but 0.</param>
    /// <param name="mask">UInt8 […]: 1 counts.</param>
    /// <param name="loss">One element.</param>
    /// <param name="normalizer">One element.</param>
    void Cosine(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer);

    /// <summary>gradPrediction (+)= gradLoss * d loss / d prediction.</summary>
    void CosineBackward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate);

    /// <summary>The mean over counting pixels and channels of |prediction - target|.</summary>
    /// <param name="prediction">[…, C].</param>
    /// <param name="target">[…, C].</param>
    /// <param name="mask">UInt8 […]: 1 counts.</param>
    /// <param name="loss">One element.</param>
    /// <param name="normalizer">One element: counting pixels times channels.</param>
    void L1(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer);

    /// <summary>gradPrediction (+)= gradLoss * sign(prediction - target) / normaliser, 0 where they are equal.</summary>
    void L1Backward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate);
}
