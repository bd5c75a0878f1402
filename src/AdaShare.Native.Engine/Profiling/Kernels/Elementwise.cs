using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Element-wise arithmetic and copies, timed.</summary>
internal sealed class ProfiledElementwise(KernelRecorder recorder, IElementwiseKernels inner) : IElementwiseKernels
{
    private const string Family = "elementwise";

    public void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, op.Name(), left, right, output);
        inner.Binary(op, left, right, output);
    }

    public void Unary(UnaryFunction function, Tensor input, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, function.Op.Name(), input, output);
        inner.Unary(function, input, output);
    }

    public void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "unary backward", input, output, gradOutput, gradInput);
        inner.UnaryBackward(function, input, output, gradOutput, gradInput, accumulate);
    }

    public void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate)
    {
        using KernelTiming timing = recorder.Begin(Family, "affine", input, output);
        inner.Affine(input, scale, shift, output, accumulate);
    }

    public void Fill(Tensor target, double value)
    {
        using KernelTiming timing = recorder.Begin(Family, "fill", target);
        inner.Fill(target, value);
    }

    public void Cast(Tensor input, Tensor output, bool accumulate = false)
    {
        using KernelTiming timing = recorder.Begin(Family, "cast", input, output);
        inner.Cast(input, output, accumulate);
    }

    public void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
    {
        // Read and written: the blocks, which may be a small part of either tensor.
        long bytes = blocks * length * (source.DType.Size() + target.DType.Size());
        using KernelTiming timing = recorder.BeginBytes(Family, "copy blocks", source.Count > target.Count ? source : target, bytes);
        inner.CopyBlocks(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
    }

    public void Compare(CompareOp op, Tensor left, Tensor right, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "compare", left, right, output);
        inner.Compare(op, left, right, output);
    }

    public void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        using KernelTiming timing = recorder.Begin(Family, "select", mask, left, right, output);
        inner.Select(mask, left, right, output);
    }

    public void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        // Read and written: what is copied, which may be a small part of either tensor.
        using KernelTiming timing = recorder.BeginBytes(Family, "copy strided", source.Count > target.Count ? source : target, 2 * sizes.Count * source.DType.Size());
        inner.CopyStrided(source, from, target, to, sizes, accumulate);
    }
}
