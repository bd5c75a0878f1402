using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Products of row-major matrices.</summary>
public interface IMatrixKernels
{
    /// <summary>result (+)= op(left) op(right), where op transposes if asked; result is [M, N].</summary>
    void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate);
}
