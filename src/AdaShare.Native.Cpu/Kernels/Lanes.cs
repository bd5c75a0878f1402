using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The vector operations that generic kernels need and <see cref="Vector256"/> offers for float and double only, all inlined.</summary>
internal static unsafe class Lanes
{
    /// <summary>a b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c) where T : unmanaged =>
        typeof(T) == typeof(float) ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : typeof(T) == typeof(double) ? Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>()
        : (a * b) + c;

    /// <summary>max(x, 0), where a NaN stays one so that a diverged run shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Relu<T>(Vector256<T> x) where T : unmanaged => Vector256.AndNot(x, Vector256.LessThan(x, Vector256<T>.Zero));

    /// <summary>A number in all lanes, rounded to the type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Constant<T>(double value) where T : unmanaged =>
        typeof(T) == typeof(float) ? Vector256.Create((float)value).As<float, T>() : Vector256.Create(value).As<double, T>();

    /// <summary>e^x; see <see cref="SingleExp"/> for single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Exp<T>(Vector256<T> x) where T : unmanaged =>
        typeof(T) == typeof(float) ? SingleExp.Apply(x.AsSingle()).As<float, T>() : Vector256.Exp(x.AsDouble()).As<double, T>();

    /// <summary>ln x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Log<T>(Vector256<T> x) where T : unmanaged =>
        typeof(T) == typeof(float) ? Vector256.Log(x.AsSingle()).As<float, T>() : Vector256.Log(x.AsDouble()).As<double, T>();

    /// <summary>Four elements as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LoadDoubles<T>(T* source) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return Vector256.Load((double*)source);
        }

        Vector128<float> singles = Vector128.Load((float*)source);
        return Avx.IsSupported ? Avx.ConvertToVector256Double(singles) : Vector256.Create(Vector128.WidenLower(singles), Vector128.WidenUpper(singles));
    }

    /// <summary>The sum of all lanes as doubles: ((0 + 1) + (2 + 3)) of each half, then both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SumDoubles<T>(Vector256<T> x) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return Fold(x.AsDouble());
        }

        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(x.AsSingle());
        return Fold(low) + Fold(high);
    }

    /// <summary>(0 + 1) + (2 + 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Fold(Vector256<double> x) => (x.GetElement(0) + x.GetElement(1)) + (x.GetElement(2) + x.GetElement(3));

    /// <summary>Adds the lanes of x, widened, to four running sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> AddDoubles<T>(Vector256<double> sum, Vector256<T> x) where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            return sum + x.AsDouble();
        }

        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(x.AsSingle());
        return sum + (low + high);
    }

    /// <summary>The first <paramref name="count"/> lanes from memory, the others <paramref name="filler"/>; reads nothing beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LoadPartial<T>(T* source, long count, T filler = default) where T : unmanaged
    {
        Vector256<T> lanes = Vector256.Create(filler);
        for (int i = 0; i < count; i++)
        {
            ((T*)&lanes)[i] = source[i];
        }

        return lanes;
    }

    /// <summary>Stores the first <paramref name="count"/> lanes; writes nothing beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial<T>(Vector256<T> value, T* target, long count) where T : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            target[i] = ((T*)&value)[i];
        }
    }

    /// <summary>A floating element as a double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Double<T>(T value) where T : unmanaged, INumberBase<T> =>
        typeof(T) == typeof(float) ? (float)(object)value : typeof(T) == typeof(double) ? (double)(object)value : double.CreateTruncating(value);

    /// <summary>A double rounded to a floating element type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Round<T>(double value) where T : unmanaged, INumberBase<T> =>
        typeof(T) == typeof(float) ? (T)(object)(float)value : typeof(T) == typeof(double) ? (T)(object)value : T.CreateTruncating(value);

    /// <summary>Whether a tensor holds float32; false for float64.</summary>
    /// <exception cref="ShapeException">The kernel computes in floats only and the tensor holds integers.</exception>
    public static bool IsSingle(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => true,
        DType.Float64 => false,
        _ => throw new ShapeException($"cpu: the kernel computes in {DType.Float32} or {DType.Float64}, the tensor is {tensor}; cast it first"),
    };
}
