using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Reductions, always in a fixed order.</summary>
public interface IReductionKernels
{
    /// <summary>
    /// output (+)= scale * sum of input over every dimension in which the output is 1 or missing (aligned at the last dimension): the adjoint of broadcasting.
    /// </summary>
    void Sum(Tensor input, Tensor output, double scale, bool accumulate);

    /// <summary>The maximum over the last dimension and, as Int32, the index of its first occurrence; either target may be null.</summary>
    void Max(Tensor input, Tensor? output, Tensor? indices);

    /// <summary>gradInput[row, indices[row]] (+)= gradOutput[row], the other elements 0 or unchanged.</summary>
    void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate);
}
