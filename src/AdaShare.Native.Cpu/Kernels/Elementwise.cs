using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Element-wise arithmetic, copies and casts. An output may be one of the inputs of its own shape.</summary>
internal sealed unsafe class ElementwiseKernels(CpuThreads threads) : IElementwiseKernels
{
    /// <inheritdoc/>
    public void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output)
    {
        if (Lanes.IsSingle(output))
        {
            Binary<float>(op, left, right, output);
        }
        else
        {
            Binary<double>(op, left, right, output);
        }
    }

    /// <inheritdoc/>
    public void Unary(UnaryFunction function, Tensor input, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            UnaryFunctions.Visit<float, UnaryPass<float>>(function, new UnaryPass<float>(threads, input, output));
        }
        else
        {
            UnaryFunctions.Visit<double, UnaryPass<double>>(function, new UnaryPass<double>(threads, input, output));
        }
    }

    /// <inheritdoc/>
    public void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(input))
        {
            UnaryFunctions.Visit<float, UnaryGradientPass<float>>(function, new UnaryGradientPass<float>(threads, input, output, gradOutput, gradInput, accumulate));
        }
        else
        {
            UnaryFunctions.Visit<double, UnaryGradientPass<double>>(function, new UnaryGradientPass<double>(threads, input, output, gradOutput, gradInput, accumulate));
        }
    }

    /// <inheritdoc/>
    public void Compare(CompareOp op, Tensor left, Tensor right, Tensor output)
    {
        switch (left.DType)
        {
            case DType.Float32:
                Compare<float>(op, left, right, output);
                break;
            case DType.Float64:
                Compare<double>(op, left, right, output);
                break;
            default:
                Compare<int>(op, left, right, output);
                break;
        }
    }

    /// <inheritdoc/>
    public void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        // The choice is of bits, so types of one size share it.
        if (output.DType.Size() == sizeof(long))
        {
            SelectBody<long>.Run(threads, mask, left, right, output);
        }
        else
        {
            SelectBody<int>.Run(threads, mask, left, right, output);
        }
    }

    /// <inheritdoc/>
    public void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        switch (source.DType)
        {
            case DType.Float32:
                StridedCopyBody<float>.Run(threads, source, from, target, to, sizes, accumulate);
                break;
            case DType.Float64:
                StridedCopyBody<double>.Run(threads, source, from, target, to, sizes, accumulate);
                break;
            case DType.Int32:
                StridedCopyBody<int>.Run(threads, source, from, target, to, sizes, accumulate);
                break;
            default:
                StridedCopyBody<byte>.Run(threads, source, from, target, to, sizes, accumulate);
                break;
        }
    }

    /// <inheritdoc/>
    public void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate)
    {
        switch (output.DType)
        {
            case DType.Float32:
                Affine(new AffineFunction<float>((float)scale, (float)shift, accumulate), input, scale, shift, output, accumulate);
                break;
            case DType.Float64:
                Affine(new AffineFunction<double>(scale, shift, accumulate), input, scale, shift, output, accumulate);
                break;
            case DType.Int32:
                Affine<int, IntegerAffineFunction<int>>(new IntegerAffineFunction<int>(scale, shift, accumulate), input, scale, shift, output, accumulate);
                break;
            default:
                Affine<byte, IntegerAffineFunction<byte>>(new IntegerAffineFunction<byte>(scale, shift, accumulate), input, scale, shift, output, accumulate);
                break;
        }
    }

    /// <inheritdoc/>
    public void Fill(Tensor target, double value)
    {
        switch (target.DType)
        {
            case DType.Float32:
                Ranges.For(threads, target.Count, 1, new FillBody<float>(target.Pointer<float>(), (float)value));
                break;
            case DType.Float64:
                Ranges.For(threads, target.Count, 1, new FillBody<double>(target.Pointer<double>(), value));
                break;
            case DType.Int32:
                Ranges.For(threads, target.Count, 1, new FillBody<int>(target.Pointer<int>(), int.CreateSaturating(value)));
                break;
            default:
                Ranges.For(threads, target.Count, 1, new FillBody<byte>(target.Pointer<byte>(), byte.CreateSaturating(value)));
                break;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Numbers beyond an integer type's range become its nearest one; NaN becomes 0.</remarks>
    public void Cast(Tensor input, Tensor output, bool accumulate = false)
    {
        switch (input.DType)
        {
            case DType.Float32:
                CastFrom<float>(input, output, accumulate);
                break;
            case DType.Float64:
                CastFrom<double>(input, output, accumulate);
                break;
            case DType.Int32:
                CastFrom<int>(input, output, accumulate);
                break;
            default:
                CastFrom<byte>(input, output, accumulate);
                break;
        }
    }

    /// <inheritdoc/>
    public void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
    {
        switch (source.DType)
        {
            case DType.Float32:
                CopyBlocks<float>(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
                break;
            case DType.Float64:
                CopyBlocks<double>(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
                break;
            case DType.Int32:
                CopyBlocks<int>(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
                break;
            default:
                CopyBlocks<byte>(source, sourceStart, sourceStride, target, targetStart, targetStride, blocks, length, accumulate);
                break;
        }
    }

    private void Binary<T>(BinaryOp op, Tensor left, Tensor right, Tensor output) where T : unmanaged
    {
        switch (op)
        {
            case BinaryOp.Add:
                BroadcastBody<T, AddFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Subtract:
                BroadcastBody<T, SubtractFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Multiply:
                BroadcastBody<T, MultiplyFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Divide:
                BroadcastBody<T, DivideFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Maximum:
                BroadcastBody<T, MaximumFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Minimum:
                BroadcastBody<T, MinimumFunction<T>>.Run(threads, default, left, right, output);
                break;
            case BinaryOp.Exceeds:
                BroadcastBody<T, ExceedsFunction<T>>.Run(threads, default, left, right, output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "unknown function of two numbers");
        }
    }

    private void Compare<T>(CompareOp op, Tensor left, Tensor right, Tensor output) where T : unmanaged, INumber<T>
    {
        switch (op)
        {
            case CompareOp.Equal:
                CompareBody<T, EqualComparison<T>>.Run(threads, left, right, output);
                break;
            case CompareOp.NotEqual:
                CompareBody<T, NotEqualComparison<T>>.Run(threads, left, right, output);
                break;
            case CompareOp.Less:
                CompareBody<T, LessComparison<T>>.Run(threads, left, right, output);
                break;
            case CompareOp.LessOrEqual:
                CompareBody<T, LessOrEqualComparison<T>>.Run(threads, left, right, output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, "unknown comparison");
        }
    }

    // What was in the output before is the second operand, so accumulation needs no loops of its own.
    private void Affine<T, TFunction>(TFunction function, Tensor input, double scale, double shift, Tensor output, bool accumulate)
        where T : unmanaged
        where TFunction : struct, IBinaryFunction<T>
    {
        Tensor before = accumulate ? output : input;
        if (scale == 1 && shift == 0 && !accumulate)
        {
            BroadcastBody<T, CopyFunction<T>>.Run(threads, default, input, before, output);
        }
        else
        {
            BroadcastBody<T, TFunction>.Run(threads, function, input, before, output);
        }
    }

    private void Affine<T>(AffineFunction<T> function, Tensor input, double scale, double shift, Tensor output, bool accumulate) where T : unmanaged =>
        Affine<T, AffineFunction<T>>(function, input, scale, shift, output, accumulate);

    private void CastFrom<T>(Tensor input, Tensor output, bool accumulate) where T : unmanaged, INumber<T>
    {
        T* source = input.Pointer<T>();
        switch (output.DType)
        {
            case DType.Float32:
                Ranges.For(threads, input.Count, 1, new CastBody<T, float>(source, output.Pointer<float>(), accumulate));
                break;
            case DType.Float64:
                Ranges.For(threads, input.Count, 1, new CastBody<T, double>(source, output.Pointer<double>(), accumulate));
                break;
            case DType.Int32:
                Ranges.For(threads, input.Count, 1, new CastBody<T, int>(source, output.Pointer<int>(), accumulate));
                break;
            default:
                Ranges.For(threads, input.Count, 1, new CastBody<T, byte>(source, output.Pointer<byte>(), accumulate));
                break;
        }
    }

    private void CopyBlocks<T>(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        T* from = source.Pointer<T>() + sourceStart, to = target.Pointer<T>() + targetStart;
        Ranges.For(threads, blocks * length, 1, new CopyBlocksBody<T>(from, sourceStride, to, targetStride, length, accumulate));
    }
}
