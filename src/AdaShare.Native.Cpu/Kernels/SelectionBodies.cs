using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A comparison of two numbers.</summary>
internal interface IComparison<T> where T : unmanaged
{
    /// <summary>Whether it holds.</summary>
    static abstract bool Holds(T left, T right);
}

/// <summary>a = b.</summary>
internal readonly struct EqualComparison<T> : IComparison<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(T left, T right) => left == right;
}

/// <summary>a differs from b.</summary>
internal readonly struct NotEqualComparison<T> : IComparison<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(T left, T right) => left != right;
}

/// <summary>a is below b.</summary>
internal readonly struct LessComparison<T> : IComparison<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(T left, T right) => left < right;
}

/// <summary>a is not above b.</summary>
internal readonly struct LessOrEqualComparison<T> : IComparison<T> where T : unmanaged, INumber<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(T left, T right) => left <= right;
}

/// <summary>output = 1 where a comparison holds, else 0.</summary>
internal readonly unsafe struct CompareBody<T, TComparison>(StridedPlan plan, T* left, T* right, byte* output) : IRangeBody, IStridedRow
    where T : unmanaged
    where TComparison : struct, IComparison<T>
{
    /// <summary>Plans and runs one comparison.</summary>
    public static void Run(CpuThreads threads, Tensor left, Tensor right, Tensor output)
    {
        Shape shape = output.Shape;
        var plan = StridedPlan.Of(shape, StridedPlan.Broadcast(left.Shape, shape), StridedPlan.Broadcast(right.Shape, shape), Strides.Of(shape));
        Ranges.For(threads, output.Count, 1, new CompareBody<T, TComparison>(plan, left.Pointer<T>(), right.Pointer<T>(), output.Pointer<byte>()));
    }

    /// <inheritdoc/>
    public void Run(long start, long end) => plan.Walk(this, start, end);

    /// <inheritdoc/>
    public void Row(in StridedPlan plan, long first, long second, long third, long index, long count) =>
        Leaf(left + first, plan.First[plan.Inner], right + second, plan.Second[plan.Inner], output + index, count);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* a, long aStep, T* b, long bStep, byte* output, long count)
    {
        for (long i = 0; i < count; i++, a += aStep, b += bStep)
        {
            output[i] = TComparison.Holds(*a, *b) ? (byte)1 : (byte)0;
        }
    }
}

/// <summary>output = left where the mask is not 0, else right; what is missing is 0.</summary>
internal readonly unsafe struct SelectBody<T>(StridedPlan plan, byte* mask, T* left, T* right, T* output) : IRangeBody, IStridedRow
    where T : unmanaged
{
    /// <summary>Plans and runs one choice.</summary>
    public static void Run(CpuThreads threads, Tensor mask, Tensor? left, Tensor? right, Tensor output)
    {
        Shape shape = output.Shape;
        var plan = StridedPlan.Of(shape, StridedPlan.Broadcast(mask.Shape, shape), Walked(left, shape), Walked(right, shape));
        Ranges.For(threads, output.Count, 1, new SelectBody<T>(plan, mask.Pointer<byte>(), left.PointerOrNull<T>(), right.PointerOrNull<T>(), output.Pointer<T>()));
    }

    /// <inheritdoc/>
    public void Run(long start, long end) => plan.Walk(this, start, end);

    /// <inheritdoc/>
    public void Row(in StridedPlan plan, long first, long second, long third, long index, long count)
    {
        // What is missing is read from a zero that is walked with steps of 0.
        T zero = default;
        Leaf(
            mask + first, plan.First[plan.Inner], left == null ? &zero : left + second, left == null ? 0 : plan.Second[plan.Inner],
            right == null ? &zero : right + third, right == null ? 0 : plan.Third[plan.Inner], output + index, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(byte* mask, long maskStep, T* a, long aStep, T* b, long bStep, T* output, long count)
    {
        for (long i = 0; i < count; i++, mask += maskStep, a += aStep, b += bStep)
        {
            output[i] = *mask != 0 ? *a : *b;
        }
    }

    private static Strides Walked(Tensor? operand, Shape output) => operand is null ? default : StridedPlan.Broadcast(operand.Shape, output);
}
