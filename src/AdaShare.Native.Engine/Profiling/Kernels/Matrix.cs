using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Matrix products, timed.</summary>
internal sealed class ProfiledMatrix(KernelRecorder recorder, IMatrixKernels inner) : IMatrixKernels
{
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        var sizes = new Shape(result.Shape[0], result.Shape[1], left.Shape[transposeLeft ? 0 : 1]);
        using KernelTiming timing = recorder.BeginProduct("product", sizes, left, right, result);
        inner.Multiply(left, transposeLeft, right, transposeRight, result, accumulate);
    }
}
