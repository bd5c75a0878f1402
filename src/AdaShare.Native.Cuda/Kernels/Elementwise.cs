using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/elementwise.cu; plain copies and fills are the driver's.</summary>
internal sealed class ElementwiseKernels(DeviceContext context) : IElementwiseKernels
{
    private const string Module = "elementwise";

    /// <inheritdoc/>
    public void Binary(BinaryOp op, Tensor left, Tensor right, Tensor output)
    {
        var layout = BroadcastLayout.Of(output.Shape, left.Shape, right.Shape);
        if (layout.IsPlain)
        {
            long vectors = context.IsAligned(left, right, output) ? output.Count / 4 : 0;
            context.Kernel(Module, "binary", output.DType).Int((int)op).Tensor(left).Tensor(right).Tensor(output).Count(vectors).Count(output.Count)
                .Launch(LaunchShape.Vectors(vectors, output.Count));
            return;
        }

        KernelCall call = context.Kernel(Module, "binary_broadcast", output.DType).Int((int)op).Tensor(left).Tensor(right).Tensor(output).Count(output.Count);
        layout.Right(layout.Left(layout.Sizes(call))).Launch(LaunchShape.Linear(output.Count));
    }

    /// <inheritdoc/>
    public void Unary(UnaryFunction function, Tensor input, Tensor output)
    {
        long vectors = context.IsAligned(input, output) ? input.Count / 4 : 0;
        Function(context.Kernel(Module, "unary", input.DType), function).Tensor(input).Tensor(output).Count(vectors).Count(input.Count)
            .Launch(LaunchShape.Vectors(vectors, input.Count));
    }

    /// <inheritdoc/>
    public void UnaryBackward(UnaryFunction function, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        long vectors = context.IsAligned(input, output, gradOutput, gradInput) ? input.Count / 4 : 0;
        Function(context.Kernel(Module, "unary_backward", input.DType), function)
            .Tensor(input).Tensor(output).Tensor(gradOutput).Tensor(gradInput).Flag(accumulate).Count(vectors).Count(input.Count)
            .Launch(LaunchShape.Vectors(vectors, input.Count));
    }

    /// <inheritdoc/>
    public void Compare(CompareOp op, Tensor left, Tensor right, Tensor output)
    {
        var layout = StridedLayout.Of(output.Shape, StridedLayout.Broadcast(left, output.Shape), StridedLayout.Broadcast(right, output.Shape));
        KernelCall call = (left.DType.IsFloating() ? context.Kernel(Module, "compare", left.DType) : context.Kernel(Module, "compare_int32"))
            .Int((int)op).Tensor(left).Tensor(right).Tensor(output).Count(output.Count);
        layout.Second(layout.First(layout.Sizes(call))).Launch(LaunchShape.Linear(output.Count));
    }

    /// <inheritdoc/>
    public void Select(Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        Shape shape = output.Shape;
        var layout = StridedLayout.Of(shape, StridedLayout.Broadcast(mask, shape), StridedLayout.Broadcast(left, shape), StridedLayout.Broadcast(right, shape));
        KernelCall call = (output.DType.IsFloating() ? context.Kernel(Module, "select", output.DType) : context.Kernel(Module, "select_int32"))
            .Tensor(mask).Tensor(left).Tensor(right).Tensor(output).Count(output.Count);
        layout.Third(layout.Second(layout.First(layout.Sizes(call)))).Launch(LaunchShape.Linear(output.Count));
    }

    /// <inheritdoc/>
    public void CopyStrided(Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        if (sizes.Count == 0)
        {
            return;
        }

        var layout = StridedLayout.Of(sizes, from, to);
        KernelCall call = (source.DType.IsFloating() ? context.Kernel(Module, "copy_strided", source.DType) : context.Kernel(Module, $"copy_strided_{Name(source.DType)}"))
            .Element(source, from.Start).Element(target, to.Start).Flag(accumulate).Count(sizes.Count);
        layout.Second(layout.First(layout.Sizes(call))).Launch(LaunchShape.Linear(sizes.Count));
    }

    /// <inheritdoc/>
    public void Affine(Tensor input, double scale, double shift, Tensor output, bool accumulate)
    {
        var layout = BroadcastLayout.Of(output.Shape, input.Shape, input.Shape);
        if (layout.IsPlain && scale == 1 && shift == 0 && !accumulate)
        {
            Copy(input, 0, output, 0, output.Count);
        }
        else if (layout.IsPlain && output.DType.IsFloating())
        {
            long vectors = context.IsAligned(input, output) ? output.Count / 4 : 0;
            context.Kernel(Module, "affine", output.DType).Tensor(input).Float((float)scale).Float((float)shift).Tensor(output).Flag(accumulate).Count(vectors).Count(output.Count)
                .Launch(LaunchShape.Vectors(vectors, output.Count));
        }
        else
        {
            KernelCall call = output.DType.IsFloating()
                ? context.Kernel(Module, "affine_broadcast", output.DType).Tensor(input).Float((float)scale).Float((float)shift)
                : context.Kernel(Module, output.DType == DType.Int32 ? "affine_int32" : "affine_uint8").Tensor(input).Double(scale).Double(shift);
            layout.Left(layout.Sizes(call.Tensor(output).Flag(accumulate).Count(output.Count))).Launch(LaunchShape.Linear(output.Count));
        }
    }

    /// <inheritdoc/>
    public void Fill(Tensor target, double value)
    {
        (CommandKind kind, ulong bits) = target.DType switch
        {
            DType.Float32 => (CommandKind.SetWords, BitConverter.SingleToUInt32Bits((float)value)),
            DType.BFloat16 => (CommandKind.SetHalves, ((BFloat16)(float)value).Bits),
            DType.Int32 => (CommandKind.SetWords, (ulong)(uint)int.CreateSaturating(value)),
            _ => (CommandKind.SetBytes, byte.CreateSaturating(value)),
        };
        if (target.Count > 0)
        {
            context.Commands.Issue([(ulong)kind, context.Pointer(target), bits, (ulong)target.Count], new TensorDescription("fill", target));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Numbers beyond an integer type's range become its nearest one; NaN becomes 0.</remarks>
    public void Cast(Tensor input, Tensor output, bool accumulate = false)
    {
        if (input.DType == output.DType)
        {
            Affine(input, 1, 0, output, accumulate);
        }
        else if (input.DType.IsFloating() && output.DType.IsFloating())
        {
            long vectors = context.IsAligned(input, output) ? input.Count / 4 : 0;
            context.Kernel(Module, $"cast_{Name(input.DType)}_{Name(output.DType)}").Tensor(input).Tensor(output).Flag(accumulate).Count(vectors).Count(input.Count)
                .Launch(LaunchShape.Vectors(vectors, input.Count));
        }
        else if (accumulate || input.DType == DType.BFloat16 || output.DType == DType.BFloat16)
        {
            CastThroughSingle(input, output, accumulate);
        }
        else
        {
            context.Kernel(Module, $"cast_{Name(input.DType)}_{Name(output.DType)}").Tensor(input).Tensor(output).Count(input.Count).Launch(LaunchShape.Linear(input.Count));
        }
    }

    /// <inheritdoc/>
    public void CopyBlocks(Tensor source, long sourceStart, long sourceStride, Tensor target, long targetStart, long targetStride, long blocks, long length, bool accumulate)
    {
        bool whole = blocks == 1 || (sourceStride == length && targetStride == length);
        if (whole && !accumulate)
        {
            Copy(source, sourceStart, target, targetStart, blocks * length);
            return;
        }

        bool floats = source.DType.IsFloating(), vectors = floats && context.IsAligned(source, target)
            && (sourceStart | sourceStride | targetStart | targetStride | length) % 4 == 0;
        int unit = vectors ? 4 : 1;
        long items = blocks * length / unit;
        (floats ? context.Kernel(Module, vectors ? "copy_blocks_vectors" : "copy_blocks", source.DType) : context.Kernel(Module, $"copy_blocks_{Name(source.DType)}"))
            .Element(source, sourceStart).Long((ulong)(sourceStride / unit)).Element(target, targetStart).Long((ulong)(targetStride / unit))
            .Count(length / unit).Count(items).Flag(accumulate)
            .Launch(LaunchShape.Linear(items));
    }

    private static KernelCall Function(KernelCall call, UnaryFunction function) => call.Int((int)function.Op).Float((float)function.First).Float((float)function.Second);

    private static string Name(DType type) => type switch
    {
        DType.Float32 => "float32",
        DType.BFloat16 => "bfloat16",
        DType.Int32 => "int32",
        DType.UInt8 => "uint8",
        _ => throw new DeviceException($"cuda: does not compute in {type}; use {DType.Float32}"),
    };

    // Between integers and bfloat16, or added to a floating output: rare, and not worth kernels of its own.
    private void CastThroughSingle(Tensor input, Tensor output, bool accumulate)
    {
        Tensor single = Tensor.Allocate(input.Backend, input.Shape, DType.Float32);
        Cast(input, single);
        Cast(single, output, accumulate);
        single.Storage.Release();
    }

    private void Copy(Tensor source, long sourceStart, Tensor target, long targetStart, long count)
    {
        int size = source.DType.Size();
        ulong from = context.Pointer(source) + (ulong)(sourceStart * size), to = context.Pointer(target) + (ulong)(targetStart * size);
        if (count > 0 && from != to)
        {
            context.Commands.Issue([(ulong)CommandKind.Copy, to, from, (ulong)(count * size)], new TensorDescription("copy", source));
        }
    }

    /// <summary>An op on a tensor.</summary>
    private readonly record struct TensorDescription(string Op, Tensor Tensor) : IDescribable
    {
        /// <inheritdoc/>
        public string Describe() => $"{Op} of {Tensor}";
    }
}
