using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The vector operations of a kernel that is written once for every width. All are inlined: the kernel is compiled anew for each implementation.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <typeparam name="TVector">A vector of T.</typeparam>
/// <typeparam name="TDoubles">A vector of doubles of the same size.</typeparam>
internal unsafe interface IVectorWidth<T, TVector, TDoubles>
    where T : unmanaged
{
    /// <summary>Elements of a vector; divides <see cref="ChannelTable.LaneBlock"/>.</summary>
    static abstract int Count { get; }

    /// <summary>Doubles of a vector.</summary>
    static abstract int Doubles { get; }

    /// <summary>The elements from an address on.</summary>
    static abstract TVector Load(T* source);

    /// <summary>Writes all elements.</summary>
    static abstract void Store(TVector value, T* target);

    /// <summary>The same number in every lane.</summary>
    static abstract TVector Create(T value);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a - b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>max(x, 0), where a NaN stays one.</summary>
    static abstract TVector Relu(TVector x);

    /// <summary>The value where the sign's number is positive, else 0.</summary>
    static abstract TVector WherePositive(TVector sign, TVector value);

    /// <summary>The value where the number is at least the threshold, else 0.</summary>
    static abstract TVector WhereAtLeast(TVector number, TVector threshold, TVector value);

    /// <summary>The doubles from an address on.</summary>
    static abstract TDoubles LoadDoubles(double* source);

    /// <summary>Writes all doubles.</summary>
    static abstract void StoreDoubles(TDoubles value, double* target);

    /// <summary>The lanes as doubles; where T is double the lower half is the whole and the upper half 0.</summary>
    static abstract void Widen(TVector x, out TDoubles lower, out TDoubles upper);

    /// <summary>a + b.</summary>
    static abstract TDoubles AddDoubles(TDoubles a, TDoubles b);

    /// <summary>a b + c, rounded once.</summary>
    static abstract TDoubles MultiplyAddDoubles(TDoubles a, TDoubles b, TDoubles c);
}

/// <summary>Vectors of 512 bits.</summary>
internal readonly unsafe struct Wide<T> : IVectorWidth<T, Vector512<T>, Vector512<double>>
    where T : unmanaged
{
    /// <inheritdoc/>
    public static int Count => Vector512<T>.Count;

    /// <inheritdoc/>
    public static int Doubles => Vector512<double>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<T> value, T* target) => value.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Create(T value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) =>
        typeof(T) == typeof(float) ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
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
    public static void StoreDoubles(Vector512<double> value, double* target) => value.Store(target);

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

/// <summary>Vectors of 256 bits.</summary>
internal readonly unsafe struct Narrow<T> : IVectorWidth<T, Vector256<T>, Vector256<double>>
    where T : unmanaged
{
    /// <inheritdoc/>
    public static int Count => Vector256<T>.Count;

    /// <inheritdoc/>
    public static int Doubles => Vector256<double>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => Vector256.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<T> value, T* target) => value.Store(target);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Create(T value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Subtract(Vector256<T> a, Vector256<T> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) =>
        typeof(T) == typeof(float) ? Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
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
    public static void StoreDoubles(Vector256<double> value, double* target) => value.Store(target);

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
