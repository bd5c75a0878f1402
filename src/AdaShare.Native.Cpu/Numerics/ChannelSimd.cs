using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>
/// What kernels over the channels of pixels need beyond <see cref="ISimd{T, TVector}"/>: choices by comparison, and sums in double precision. All are inlined: a kernel is
/// compiled anew for each width.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
/// <typeparam name="TVector">A vector of T; its lanes divide <see cref="Kernels.ChannelTable.LaneBlock"/>.</typeparam>
/// <typeparam name="TDoubles">A vector of doubles of the same size.</typeparam>
internal unsafe interface IChannelSimd<T, TVector, TDoubles> : ISimd<T, TVector>
    where T : unmanaged
    where TVector : struct
{
    /// <summary>Doubles of a vector.</summary>
    static abstract int Doubles { get; }

    /// <summary>a b + c, rounded once on every processor: a backward pass that computes a ReLU's sign again finds the sign of the forward pass, in a vector or beside one.</summary>
    static abstract TVector FusedMultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>max(x, 0), where a NaN stays one.</summary>
    static abstract TVector Relu(TVector x);

    /// <summary>The value where the sign's number is positive, else 0.</summary>
    static abstract TVector WherePositive(TVector sign, TVector value);

    /// <summary>The value where the number is at least the threshold, else 0.</summary>
    static abstract TVector WhereAtLeast(TVector number, TVector threshold, TVector value);

    /// <summary>The doubles from an address on.</summary>
    static abstract TDoubles LoadDoubles(double* source);

    /// <summary>Writes all doubles.</summary>
    static abstract void StoreDoubles(double* target, TDoubles value);

    /// <summary>The lanes as doubles; where T is double the lower half is the whole and the upper half 0.</summary>
    static abstract void Widen(TVector x, out TDoubles lower, out TDoubles upper);

    /// <summary>a + b.</summary>
    static abstract TDoubles AddDoubles(TDoubles a, TDoubles b);

    /// <summary>a b + c, rounded once.</summary>
    static abstract TDoubles MultiplyAddDoubles(TDoubles a, TDoubles b, TDoubles c);
}

/// <content>Kernels over channels.</content>
internal readonly unsafe partial struct Simd512<T> : IChannelSimd<T, Vector512<T>, Vector512<double>>
{
    /// <inheritdoc/>
    public static int Doubles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<double>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> FusedMultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Relu(Vector512<T> x) => Vector512.AndNot(x, Vector512.LessThan(x, Vector512<T>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> WherePositive(Vector512<T> sign, Vector512<T> value) => value & Vector512.GreaterThan(sign, Vector512<T>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> WhereAtLeast(Vector512<T> number, Vector512<T> threshold, Vector512<T> value) => value & Vector512.GreaterThanOrEqual(number, threshold);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadDoubles(double* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDoubles(double* target, Vector512<double> value) => value.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector512<T> x, out Vector512<double> lower, out Vector512<double> upper)
    {
        if (typeof(T) == typeof(double))
        {
            (lower, upper) = (x.AsDouble(), Vector512<double>.Zero);
            return;
        }

        Vector512<float> singles = x.AsSingle();
        lower = Avx512F.IsSupported ? Avx512F.ConvertToVector512Double(singles.GetLower()) : Vector512.WidenLower(singles);
        upper = Avx512F.IsSupported ? Avx512F.ConvertToVector512Double(singles.GetUpper()) : Vector512.WidenUpper(singles);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> AddDoubles(Vector512<double> a, Vector512<double> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplyAddDoubles(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Vector512.FusedMultiplyAdd(a, b, c);
}

/// <content>Kernels over channels.</content>
internal readonly unsafe partial struct Simd256<T> : IChannelSimd<T, Vector256<T>, Vector256<double>>
{
    /// <inheritdoc/>
    public static int Doubles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256<double>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> FusedMultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Relu(Vector256<T> x) => Vector256.AndNot(x, Vector256.LessThan(x, Vector256<T>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> WherePositive(Vector256<T> sign, Vector256<T> value) => value & Vector256.GreaterThan(sign, Vector256<T>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> WhereAtLeast(Vector256<T> number, Vector256<T> threshold, Vector256<T> value) => value & Vector256.GreaterThanOrEqual(number, threshold);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> LoadDoubles(double* source) => Vector256.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDoubles(double* target, Vector256<double> value) => value.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<T> x, out Vector256<double> lower, out Vector256<double> upper)
    {
        if (typeof(T) == typeof(double))
        {
            (lower, upper) = (x.AsDouble(), Vector256<double>.Zero);
            return;
        }

        Vector256<float> singles = x.AsSingle();
        lower = Avx.IsSupported ? Avx.ConvertToVector256Double(singles.GetLower()) : Vector256.WidenLower(singles);
        upper = Avx.IsSupported ? Avx.ConvertToVector256Double(singles.GetUpper()) : Vector256.WidenUpper(singles);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> AddDoubles(Vector256<double> a, Vector256<double> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplyAddDoubles(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);
}
