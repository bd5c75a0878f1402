using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Element-wise arithmetic. Broadcasting aligns shapes at the last dimension; a size of 1, or a missing leading dimension, repeats.</summary>
public interface IElementwiseKernels
{
    /// <summary>output = op(left, right), both broadcast to the output's shape.</summary>
    void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output);

    /// <summary>output = 1 where the comparison of left and right, both broadcast to the output's shape, holds, else 0. No comparison but NotEqual holds of a NaN.</summary>
    /// <param name="op">The comparison.</param>
    /// <param name="left">Of a floating type or Int32.</param>
    /// <param name="right">Of the left one's type.</param>
    /// <param name="output">UInt8.</param>
    void Compare(CompareOp op, Tensor left, Tensor right, Tensor output);

    /// <summary>output = left where the mask is not 0, else right; all three broadcast to the output's shape.</summary>
    /// <param name="mask">UInt8.</param>
    /// <param name="left">Of the output's type; null for zeros.</param>
    /// <param name="right">The same.</param>
    /// <param name="output">Of a floating type or Int32.</param>
    void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output);

    /// <summary>output = function(input).</summary>
    void Unary(UnaryFunction function, Tensor input, Tensor output);

    /// <summary>gradInput (+)= gradOutput * function'(input), where output is function(input).</summary>
    void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate);

    /// <summary>output (+)= scale * input + shift, input broadcast to the output's shape. Also the plain copy (scale 1, shift 0).</summary>
    void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate);

    /// <summary>Sets every element.</summary>
    void Fill(Tensor target, double value);

    /// <summary>output (+)= input in the output's element type; floats round towards zero when they become integers. Only floating outputs are added to.</summary>
    void Cast(Tensor input, Tensor output, bool accumulate = false);

    /// <summary>
    /// Copies <paramref name="blocks"/> runs of <paramref name="length"/> elements: run b goes from source[sourceStart + b sourceStride] to
    /// target[targetStart + b targetStride], added there if asked. Concatenation and slicing are made of it.
    /// </summary>
    void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate);

    /// <summary>
    /// Copies an element for each index of <paramref name="sizes"/> from where <paramref name="from"/> has it to where <paramref name="to"/> has it, added there if asked. Every element of
    /// the target is written at most once. Permutations, flips, paddings and slices with steps are made of it.
    /// </summary>
    /// <param name="source">Of any type.</param>
    /// <param name="from">Where the elements are.</param>
    /// <param name="target">Of the source's type; other memory than the source's.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="sizes">How many indices along each dimension.</param>
    /// <param name="accumulate">Whether to add.</param>
    void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate);
}
