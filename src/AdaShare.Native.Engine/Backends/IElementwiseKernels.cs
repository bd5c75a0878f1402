using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Functions of two numbers.</summary>
public enum BinaryOp
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a b.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,
}

/// <summary>Functions of one number.</summary>
public enum UnaryOp
{
    /// <summary>e^x.</summary>
    Exp,

    /// <summary>ln x.</summary>
    Log,

    /// <summary>sqrt x.</summary>
    Sqrt,

    /// <summary>|x|, with gradient 0 at 0.</summary>
    Abs,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,
}

/// <summary>Element-wise arithmetic. Broadcasting aligns shapes at the last dimension; a size of 1, or a missing leading dimension, repeats.</summary>
public interface IElementwiseKernels
{
    /// <summary>output = op(left, right), both broadcast to the output's shape.</summary>
    void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output);

    /// <summary>output = op(input).</summary>
    void Unary(UnaryOp op, Tensor input, Tensor output);

    /// <summary>gradInput (+)= gradOutput * op'(input), where output is op(input).</summary>
    void UnaryBackward(UnaryOp op, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate);

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
}
