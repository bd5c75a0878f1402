using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Mean losses over the pixels that count. Where no pixel counts, a loss is 0 with gradient 0 (PyTorch gives NaN).</summary>
public static class LossOps
{
    /// <summary>Cross-entropy of logits against class labels: sum of w[t] (-log softmax(logits)[t]) / sum of w[t].</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="logits">[…, C].</param>
    /// <param name="targets">Int32 […], each 0 … C - 1 or the ignored label.</param>
    /// <param name="ignoreLabel">The label of pixels that do not count.</param>
    /// <param name="classWeights">[C], or null for equal weights.</param>
    /// <returns>A scalar.</returns>
    /// <remarks>PyTorch: <c>F.cross_entropy(weight, ignore_index)</c>.</remarks>
    public static Tensor CrossEntropy(this Step step, Tensor logits, Tensor targets, int ignoreLabel = -100, Tensor? classWeights = null)
    {
        const string Op = "cross_entropy";
        using BackendScope scope = Check.Enter(step, Op, [logits, targets], [classWeights]);
        Check.SameType(Op, logits, classWeights);
        Check.MinimumRank(Op, logits, 1);
        Check.Type(Op, "the targets", targets, DType.Int32);
        Check.Shape(Op, "the targets", targets, PixelShape(logits));
        if (classWeights is not null)
        {
            Check.Shape(Op, "the class weights", classWeights, new Shape(logits.Shape[-1]));
        }

        (Tensor loss, Tensor normalizer) = Outputs(step, logits);
        ILossKernels kernels = step.Backend.Loss;
        kernels.CrossEntropy(logits, targets, classWeights, ignoreLabel, loss, normalizer);
        if (step.Wants(logits))
        {
            step.Record(Op, loss, [logits, targets, classWeights, normalizer], gradLoss =>
            {
                if (step.TargetFor(logits) is { Tensor: { } gradLogits } target)
                {
                    kernels.CrossEntropyBackward(logits, targets, classWeights, ignoreLabel, normalizer, gradLoss, gradLogits, target.Accumulate);
                }
            });
        }

        step.Release(normalizer);
        return loss;
    }

    /// <summary>1 - the mean cosine between prediction and target vectors along the last axis, over the pixels of a mask.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="prediction">[…, C], of any length.</param>
    /// <param name="target">[…, C], of any length but 0.</param>
    /// <param name="mask">UInt8 […]: 1 counts, 0 does not.</param>
    /// <returns>A scalar in [0, 2].</returns>
    /// <remarks>PyTorch: <c>1 - F.cosine_similarity(p[mask], t[mask]).mean()</c>. The target and the mask get no gradient.</remarks>
    public static Tensor CosineLoss(this Step step, Tensor prediction, Tensor target, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(step);
        ILossKernels kernels = step.Backend.Loss;
        return Masked(step, "cosine_loss", prediction, target, mask, kernels.Cosine, kernels.CosineBackward);
    }

    /// <summary>The mean of |prediction - target| over the pixels of a mask and their channels.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="prediction">[…, C].</param>
    /// <param name="target">[…, C].</param>
    /// <param name="mask">UInt8 […]: 1 counts, 0 does not.</param>
    /// <returns>A scalar.</returns>
    /// <remarks>PyTorch: <c>F.l1_loss(p[mask], t[mask])</c>. The target and the mask get no gradient.</remarks>
    public static Tensor L1Loss(this Step step, Tensor prediction, Tensor target, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(step);
        ILossKernels kernels = step.Backend.Loss;
        return Masked(step, "l1_loss", prediction, target, mask, kernels.L1, kernels.L1Backward);
    }

    private static Tensor Masked(
        Step step, string op, Tensor prediction, Tensor target, Tensor mask, Action<Tensor, Tensor, Tensor, Tensor, Tensor> forward,
        Action<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, bool> backward)
    {
        using BackendScope scope = Check.Enter(step, op, [prediction, target, mask]);
        CheckMasked(op, prediction, target, mask);
        (Tensor loss, Tensor normalizer) = Outputs(step, prediction);
        forward(prediction, target, mask, loss, normalizer);
        if (step.Wants(prediction))
        {
            step.Record(op, loss, [prediction, target, mask, normalizer], gradLoss =>
            {
                if (step.TargetFor(prediction) is { Tensor: { } gradPrediction } slot)
                {
                    backward(prediction, target, mask, normalizer, gradLoss, gradPrediction, slot.Accumulate);
                }
            });
        }

        step.Release(normalizer);
        return loss;
    }

    private static void CheckMasked(string op, Tensor prediction, Tensor target, Tensor mask)
    {
        Check.SameType(op, prediction, target);
        Check.MinimumRank(op, prediction, 1);
        Check.Shape(op, "the target", target, prediction.Shape);
        Check.Type(op, "the mask", mask, DType.UInt8);
        Check.Shape(op, "the mask", mask, PixelShape(prediction));
    }

    private static Shape PixelShape(Tensor tensor) => new(tensor.Shape.ToArray().AsSpan(0, tensor.Shape.Rank - 1));

    private static (Tensor Loss, Tensor Normalizer) Outputs(Step step, Tensor like) => (step.New(Shape.Scalar, like.DType), step.New(Shape.Scalar, like.DType));
}
