using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>output = f(input) over all threads.</summary>
internal readonly unsafe struct UnaryPass<T>(CpuThreads threads, Tensor input, Tensor output) : IUnaryVisitor<T> where T : unmanaged
{
    /// <inheritdoc/>
    public void Visit<TFunction>(TFunction function) where TFunction : struct, IUnaryFunction<T> =>
        Ranges.For(threads, input.Count, 1, new UnaryBody<T, TFunction>(function, input.Pointer<T>(), output.Pointer<T>()));
}

/// <summary>gradInput (+)= gradOutput f'(input) over all threads.</summary>
internal readonly unsafe struct UnaryGradientPass<T>(CpuThreads threads, Tensor input, Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate) : IUnaryVisitor<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Visit<TFunction>(TFunction function) where TFunction : struct, IUnaryFunction<T> => Ranges.For(
        threads, input.Count, 1, new UnaryGradientBody<T, TFunction>(function, input.Pointer<T>(), output.Pointer<T>(), gradOutput.Pointer<T>(), gradInput.Pointer<T>(), accumulate));
}

/// <summary>output = f(input).</summary>
internal readonly unsafe struct UnaryBody<T, TFunction>(TFunction function, T* input, T* output) : IRangeBody
    where T : unmanaged
    where TFunction : struct, IUnaryFunction<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end) => Leaf(function, input + start, output + start, end - start);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(TFunction function, T* x, T* y, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            function.Apply(Vector256.Load(x + i)).Store(y + i);
        }

        if (i < count)
        {
            Lanes.StorePartial(function.Apply(Lanes.LoadPartial(x + i, count - i)), y + i, count - i);
        }
    }
}

/// <summary>gradInput (+)= gradOutput f'(input).</summary>
internal readonly unsafe struct UnaryGradientBody<T, TFunction>(TFunction function, T* input, T* output, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody
    where T : unmanaged
    where TFunction : struct, IUnaryFunction<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end) => Leaf(function, input + start, output + start, gradOutput + start, gradInput + start, end - start, accumulate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(TFunction function, T* x, T* y, T* dy, T* dx, long count, bool accumulate)
    {
        long i = 0;
        for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> gradient = function.Gradient(Vector256.Load(x + i), Vector256.Load(y + i), Vector256.Load(dy + i));
            (accumulate ? gradient + Vector256.Load(dx + i) : gradient).Store(dx + i);
        }

        if (i < count)
        {
            long rest = count - i;
            Vector256<T> gradient = function.Gradient(Lanes.LoadPartial(x + i, rest), Lanes.LoadPartial(y + i, rest), Lanes.LoadPartial(dy + i, rest));
            Lanes.StorePartial(accumulate ? gradient + Lanes.LoadPartial(dx + i, rest) : gradient, dx + i, rest);
        }
    }
}
