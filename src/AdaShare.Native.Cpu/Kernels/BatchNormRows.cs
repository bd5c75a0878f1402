using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Constants of the channels of one group, each a table of <see cref="ChannelTable.Length"/> elements: BN(x) = (x - mean) scale + shift.</summary>
/// <param name="mean">The mean, rounded.</param>
/// <param name="length">The length of a table.</param>
internal readonly unsafe struct NormTables<T>(T* mean, int length)
    where T : unmanaged
{
    /// <summary>Tables of a forward pass.</summary>
    public const int Forward = 3;

    /// <summary>Tables of a backward pass.</summary>
    public const int Backward = 6;

    /// <summary>The mean, rounded.</summary>
    public readonly T* Mean = mean;

    /// <summary>gamma / sqrt(variance + epsilon).</summary>
    public readonly T* Scale = mean + length;

    /// <summary>beta, and what the mean lost when it was rounded.</summary>
    public readonly T* Shift = mean + (2 * length);

    /// <summary>In the gradient a dz + b (x - mean) + c of x: a.</summary>
    public readonly T* OfGradient = mean + (3 * length);

    /// <summary>In the gradient a dz + b (x - mean) + c of x: b.</summary>
    public readonly T* OfInput = mean + (4 * length);

    /// <summary>In the gradient a dz + b (x - mean) + c of x: c.</summary>
    public readonly T* Constant = mean + (5 * length);

    /// <summary>The length of a table.</summary>
    public readonly int Length = length;

    /// <summary>Fills up the tables from one to, not including, another, whose first elements are there.</summary>
    public void Repeat(int channels, int first, int end)
    {
        for (int t = first; t < end; t++)
        {
            ChannelTable.Repeat(Mean + ((long)t * Length), channels, Length);
        }
    }
}

/// <summary>What follows a batch norm, and so where its gradient passes.</summary>
internal interface INormEnd
{
    /// <summary>Whether ReLU follows.</summary>
    static abstract bool Relu { get; }

    /// <summary>Whether the residual is added before it.</summary>
    static abstract bool Residual { get; }

    /// <summary>Whether gates mix the result with the residual.</summary>
    static abstract bool Gates { get; }
}

/// <summary>y = BN(x).</summary>
internal readonly struct PlainEnd : INormEnd
{
    /// <inheritdoc/>
    public static bool Relu => false;

    /// <inheritdoc/>
    public static bool Residual => false;

    /// <inheritdoc/>
    public static bool Gates => false;
}

/// <summary>y = ReLU(BN(x)); the gradient passes where BN(x), computed again, is positive.</summary>
internal readonly struct ReluEnd : INormEnd
{
    /// <inheritdoc/>
    public static bool Relu => true;

    /// <inheritdoc/>
    public static bool Residual => false;

    /// <inheritdoc/>
    public static bool Gates => false;
}

/// <summary>y = ReLU(r + BN(x)); the gradient passes where y, which was kept, is positive.</summary>
internal readonly struct ResidualEnd : INormEnd
{
    /// <inheritdoc/>
    public static bool Relu => true;

    /// <inheritdoc/>
    public static bool Residual => true;

    /// <inheritdoc/>
    public static bool Gates => false;
}

/// <summary>y = select ReLU(r + BN(x)) + skip r; the gradient passes where r + BN(x), computed again, is positive.</summary>
internal readonly struct GatedEnd : INormEnd
{
    /// <inheritdoc/>
    public static bool Relu => true;

    /// <inheritdoc/>
    public static bool Residual => true;

    /// <inheritdoc/>
    public static bool Gates => true;
}

/// <summary>
/// The innermost loops of batch normalisation over runs of whole rows, which begin at a table's first element. Leaf methods: a call would spill the vectors.
/// </summary>
internal static unsafe class BatchNormRows<T, TVector, TDoubles, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    /// <summary>y from x and the residual, for every stream of [streams, 2] gates where there are gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply<TEnd>(NormTables<T> tables, T* x, T* residual, T* gates, int streams, T* y, long stride, long count)
        where TEnd : struct, INormEnd
    {
        for (; count > 0; count -= tables.Length, x += tables.Length, y += tables.Length, residual += TEnd.Residual ? tables.Length : 0)
        {
            long end = Math.Min(count, tables.Length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector value = TSimd.FusedMultiplyAdd(TSimd.Subtract(TSimd.Load(x + i), TSimd.Load(tables.Mean + i)), TSimd.Load(tables.Scale + i), TSimd.Load(tables.Shift + i));
                TVector kept = TEnd.Residual ? TSimd.Load(residual + i) : value;
                value = TEnd.Residual ? TSimd.Add(kept, value) : value;
                value = TEnd.Relu ? TSimd.Relu(value) : value;
                if (!TEnd.Gates)
                {
                    TSimd.Store(y + i, value);
                    continue;
                }

                T* target = y + i;
                for (T* gate = gates; gate < gates + (2L * streams); gate += 2, target += stride)
                {
                    TSimd.Store(target, TSimd.FusedMultiplyAdd(TSimd.Broadcast(gate[0]), value, TSimd.Multiply(TSimd.Broadcast(gate[1]), kept)));
                }
            }

            for (; i < end; i++)
            {
                T value = T.FusedMultiplyAdd(x[i] - tables.Mean[i], tables.Scale[i], tables.Shift[i]);
                value = TEnd.Residual ? residual[i] + value : value;
                value = TEnd.Relu && value < T.Zero ? T.Zero : value;
                for (int s = 0; TEnd.Gates && s < streams; s++)
                {
                    y[(s * stride) + i] = T.FusedMultiplyAdd(gates[2 * s], value, gates[(2 * s) + 1] * residual[i]);
                }

                if (!TEnd.Gates)
                {
                    y[i] = value;
                }
            }
        }
    }

    /// <summary>
    /// Adds the difference of x from the pivot and its square to sums of the table's length each. Squares of floats are exact in double precision, where a mean of a thousand
    /// standard deviations costs six of sixteen digits; only doubles need the pivot.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Statistics(T* pivots, int length, T* x, long count, double* sums, double* squares)
    {
        // Sums stay in the first-level cache; four rows at a time share their loads and stores.
        for (; count > 0;)
        {
            int rows = count >= 4L * length ? 4 : 1;
            long end = Math.Min(count, length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector pivot = TSimd.Load(pivots + i);
                TSimd.Widen(From(TSimd.Load(x + i), pivot), out TDoubles low, out TDoubles high);
                TDoubles lowSquare = TSimd.MultiplyAddDoubles(low, low, TSimd.LoadDoubles(squares + i)), lowSum = TSimd.AddDoubles(low, TSimd.LoadDoubles(sums + i));
                TDoubles highSquare = high, highSum = high;
                if (typeof(T) == typeof(float))
                {
                    highSquare = TSimd.MultiplyAddDoubles(high, high, TSimd.LoadDoubles(squares + i + TSimd.Doubles));
                    highSum = TSimd.AddDoubles(high, TSimd.LoadDoubles(sums + i + TSimd.Doubles));
                }

                for (int r = 1; r < rows; r++)
                {
                    TSimd.Widen(From(TSimd.Load(x + i + ((long)r * length)), pivot), out low, out high);
                    lowSquare = TSimd.MultiplyAddDoubles(low, low, lowSquare);
                    lowSum = TSimd.AddDoubles(low, lowSum);
                    highSquare = TSimd.MultiplyAddDoubles(high, high, highSquare);
                    highSum = TSimd.AddDoubles(high, highSum);
                }

                TSimd.StoreDoubles(squares + i, lowSquare);
                TSimd.StoreDoubles(sums + i, lowSum);
                if (typeof(T) == typeof(float))
                {
                    TSimd.StoreDoubles(squares + i + TSimd.Doubles, highSquare);
                    TSimd.StoreDoubles(sums + i + TSimd.Doubles, highSum);
                }
            }

            for (; i < end; i++)
            {
                double value = Lanes.Double(typeof(T) == typeof(float) ? x[i] : x[i] - pivots[i]);
                sums[i] += value;
                squares[i] += value * value;
            }

            count -= (long)rows * length;
            x += (long)rows * length;
        }
    }

    /// <summary>
    /// Adds dz and, with o = x for float and x - mean for double, dz o to sums of the table's length each, where dz is the upper gradient where it passes, else 0. Products of
    /// floats are exact in double precision, so the mean can come off the sum instead.
    /// </summary>
    /// <param name="tables">Tables of a backward pass.</param>
    /// <param name="x">The input.</param>
    /// <param name="side">The residual with gates, the output without; null where neither is read.</param>
    /// <param name="upper">The gradient before ReLU's mask.</param>
    /// <param name="count">Elements.</param>
    /// <param name="sums">Sums of dz.</param>
    /// <param name="products">Sums of dz o.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientSums<TEnd>(NormTables<T> tables, T* x, T* side, T* upper, long count, double* sums, double* products)
        where TEnd : struct, INormEnd
    {
        int length = tables.Length;
        for (; count > 0;)
        {
            int rows = count >= 4L * length ? 4 : 1;
            long end = Math.Min(count, length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector mean = TSimd.Load(tables.Mean + i), scale = TSimd.Load(tables.Scale + i), shift = TSimd.Load(tables.Shift + i);
                TDoubles lowSum = TSimd.LoadDoubles(sums + i), lowProduct = TSimd.LoadDoubles(products + i), highSum = lowSum, highProduct = lowProduct;
                if (typeof(T) == typeof(float))
                {
                    highSum = TSimd.LoadDoubles(sums + i + TSimd.Doubles);
                    highProduct = TSimd.LoadDoubles(products + i + TSimd.Doubles);
                }

                for (int r = 0; r < rows; r++)
                {
                    long at = i + ((long)r * length);
                    TVector value = TSimd.Load(x + at), centred = TSimd.Subtract(value, mean), gradient = TSimd.Load(upper + at);
                    if (TEnd.Relu)
                    {
                        TVector sign = TEnd.Residual && !TEnd.Gates ? TSimd.Load(side + at) : TSimd.FusedMultiplyAdd(centred, scale, shift);
                        gradient = TSimd.WherePositive(TEnd.Gates ? TSimd.Add(TSimd.Load(side + at), sign) : sign, gradient);
                    }

                    TSimd.Widen(typeof(T) == typeof(float) ? value : centred, out TDoubles low, out TDoubles high);
                    TSimd.Widen(gradient, out TDoubles lowGradient, out TDoubles highGradient);
                    lowSum = TSimd.AddDoubles(lowGradient, lowSum);
                    lowProduct = TSimd.MultiplyAddDoubles(lowGradient, low, lowProduct);
                    highSum = TSimd.AddDoubles(highGradient, highSum);
                    highProduct = TSimd.MultiplyAddDoubles(highGradient, high, highProduct);
                }

                TSimd.StoreDoubles(sums + i, lowSum);
                TSimd.StoreDoubles(products + i, lowProduct);
                if (typeof(T) == typeof(float))
                {
                    TSimd.StoreDoubles(sums + i + TSimd.Doubles, highSum);
                    TSimd.StoreDoubles(products + i + TSimd.Doubles, highProduct);
                }
            }

            for (; i < end; i++)
            {
                T gradient = Passes<TEnd>(tables, i, x[i], TEnd.Residual ? side[i] : T.Zero) ? upper[i] : T.Zero;
                sums[i] += Lanes.Double(gradient);
                products[i] += Lanes.Double(gradient) * Lanes.Double(typeof(T) == typeof(float) ? x[i] : x[i] - tables.Mean[i]);
            }

            long done = (long)rows * length;
            count -= done;
            x += done;
            upper += done;
            side = TEnd.Residual ? side + done : side;
        }
    }

    /// <summary>gradInput (+)= a dz + b (x - mean) + c, gradResidual (+)= dz + skip kept, where dz = select upper where it passes, else 0; null targets are left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients<TEnd>(
        NormTables<T> tables, T* x, T* side, T* upper, T select, T* kept, T skip, T* gradInput, bool addInput, T* gradResidual, bool addResidual, long count)
        where TEnd : struct, INormEnd
    {
        TVector selects = TSimd.Broadcast(select), skips = TSimd.Broadcast(skip);
        for (long start = 0; start < count; start += tables.Length)
        {
            long end = Math.Min(count - start, tables.Length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                long at = start + i;
                TVector centred = TSimd.Subtract(TSimd.Load(x + at), TSimd.Load(tables.Mean + i)), gradient = TSimd.Load(upper + at);
                if (TEnd.Gates)
                {
                    gradient = TSimd.Multiply(selects, gradient);
                }

                if (TEnd.Relu)
                {
                    TVector sign = TEnd.Residual && !TEnd.Gates ? TSimd.Load(side + at) : TSimd.FusedMultiplyAdd(centred, TSimd.Load(tables.Scale + i), TSimd.Load(tables.Shift + i));
                    gradient = TSimd.WherePositive(TEnd.Gates ? TSimd.Add(TSimd.Load(side + at), sign) : sign, gradient);
                }

                TVector ofResidual = TEnd.Gates ? TSimd.FusedMultiplyAdd(skips, TSimd.Load(kept + at), gradient) : gradient;
                if (gradInput != null)
                {
                    TVector value = TSimd.FusedMultiplyAdd(centred, TSimd.Load(tables.OfInput + i), TSimd.Load(tables.Constant + i));
                    value = TSimd.FusedMultiplyAdd(gradient, TSimd.Load(tables.OfGradient + i), value);
                    TSimd.Store(gradInput + at, addInput ? TSimd.Add(value, TSimd.Load(gradInput + at)) : value);
                }

                // After the input's: the two may be one.
                if (TEnd.Residual && gradResidual != null)
                {
                    TSimd.Store(gradResidual + at, addResidual ? TSimd.Add(ofResidual, TSimd.Load(gradResidual + at)) : ofResidual);
                }
            }

            for (; i < end; i++)
            {
                long at = start + i;
                T centred = x[at] - tables.Mean[i], gradient = Passes<TEnd>(tables, i, x[at], TEnd.Residual ? side[at] : T.Zero) ? upper[at] : T.Zero;
                gradient = TEnd.Gates ? select * gradient : gradient;
                T ofResidual = TEnd.Gates ? T.FusedMultiplyAdd(skip, kept[at], gradient) : gradient;
                if (gradInput != null)
                {
                    T value = T.FusedMultiplyAdd(gradient, tables.OfGradient[i], T.FusedMultiplyAdd(centred, tables.OfInput[i], tables.Constant[i]));
                    gradInput[at] = addInput ? gradInput[at] + value : value;
                }

                if (TEnd.Residual && gradResidual != null)
                {
                    gradResidual[at] = addResidual ? gradResidual[at] + ofResidual : ofResidual;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector From(TVector x, TVector pivot) => typeof(T) == typeof(float) ? x : TSimd.Subtract(x, pivot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Passes<TEnd>(NormTables<T> tables, long i, T x, T side)
        where TEnd : struct, INormEnd
    {
        if (!TEnd.Relu)
        {
            return true;
        }

        T branch = T.FusedMultiplyAdd(x - tables.Mean[i], tables.Scale[i], tables.Shift[i]);
        return (TEnd.Gates ? side + branch : TEnd.Residual ? side : branch) > T.Zero;
    }
}
