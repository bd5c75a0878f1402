using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/loss.cu: partial sums of blocks in double precision, then their sum.</summary>
internal sealed class LossKernels(DeviceContext context) : ILossKernels
{
    private const string Module = "loss";
    private const int MostChunks = 512;
    private const int CrossEntropyPixels = 64;
    private const int CosinePixels = 1024;
    private const int L1Elements = 4096;
    private const int SumsOfChunk = 2;

    private static readonly LaunchShape Warp = new(1, 1, 1, 32, 1);

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor loss, Tensor normalizer)
    {
        long chunks = Chunks(targets.Count, CrossEntropyPixels);
        using Scratch partials = Partials(chunks);
        context.Kernel(Module, "cross_entropy")
            .Tensor(logits).Tensor(targets).Tensor(classWeights).Int(ignoreLabel).Count(targets.Count).Count(logits.Shape[-1]).Pointer(partials.Address)
            .Launch(LaunchShape.Blocks(chunks));
        Finish(partials, chunks, loss, normalizer);
    }

    /// <inheritdoc/>
    public void CrossEntropyBackward(Tensor logits, Tensor targets, Tensor? classWeights, int ignoreLabel, Tensor normalizer, Tensor gradLoss, Tensor gradLogits, bool accumulate) =>
        context.Kernel(Module, "cross_entropy_backward")
            .Tensor(logits).Tensor(targets).Tensor(classWeights).Int(ignoreLabel).Count(targets.Count).Count(logits.Shape[-1]).Tensor(normalizer).Tensor(gradLoss).Tensor(gradLogits)
            .Flag(accumulate)
            .Launch(LaunchShape.Rows(targets.Count));

    /// <inheritdoc/>
    public void Cosine(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        long chunks = Chunks(mask.Count, CosinePixels);
        using Scratch partials = Partials(chunks);
        context.Kernel(Module, "cosine").Tensor(prediction).Tensor(target).Tensor(mask).Count(mask.Count).Count(prediction.Shape[-1]).Pointer(partials.Address)
            .Launch(LaunchShape.Blocks(chunks));
        Finish(partials, chunks, loss, normalizer);
    }

    /// <inheritdoc/>
    public void CosineBackward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate) =>
        context.Kernel(Module, "cosine_backward")
            .Tensor(prediction).Tensor(target).Tensor(mask).Count(mask.Count).Count(prediction.Shape[-1]).Tensor(normalizer).Tensor(gradLoss).Tensor(gradPrediction).Flag(accumulate)
            .Launch(LaunchShape.Linear(mask.Count));

    /// <inheritdoc/>
    public void L1(Tensor prediction, Tensor target, Tensor mask, Tensor loss, Tensor normalizer)
    {
        long chunks = Chunks(prediction.Count, L1Elements);
        using Scratch partials = Partials(chunks);
        context.Kernel(Module, "l1").Tensor(prediction).Tensor(target).Tensor(mask).Count(prediction.Count).Count(prediction.Shape[-1]).Pointer(partials.Address)
            .Launch(LaunchShape.Blocks(chunks));
        Finish(partials, chunks, loss, normalizer);
    }

    /// <inheritdoc/>
    public void L1Backward(Tensor prediction, Tensor target, Tensor mask, Tensor normalizer, Tensor gradLoss, Tensor gradPrediction, bool accumulate) =>
        context.Kernel(Module, "l1_backward")
            .Tensor(prediction).Tensor(target).Tensor(mask).Count(prediction.Count).Count(prediction.Shape[-1]).Tensor(normalizer).Tensor(gradLoss).Tensor(gradPrediction)
            .Flag(accumulate)
            .Launch(LaunchShape.Linear(prediction.Count));

    private static long Chunks(long items, int itemsOfChunk) => Math.Clamp(LaunchShape.Ceiling(items, itemsOfChunk), 1, MostChunks);

    private Scratch Partials(long chunks) => context.Scratch(chunks * SumsOfChunk * sizeof(double));

    private void Finish(Scratch partials, long chunks, Tensor loss, Tensor normalizer) =>
        context.Kernel(Module, "loss_finish").Pointer(partials.Address).Count(chunks).Tensor(loss).Tensor(normalizer).Launch(Warp);
}
