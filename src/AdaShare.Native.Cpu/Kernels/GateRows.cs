using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Numerics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The innermost loops over gates at the end of a residual block, over runs of whole rows; see <see cref="BatchNormRows{T, TVector, TDoubles, TSimd}"/>.</summary>
internal static unsafe class GateRows<T, TVector, TDoubles, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    /// <summary>Adds the sums of dy ReLU(r + BN(x)) and of dy r to the gradients of a stream's gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GateSums(NormTables<T> tables, T* x, T* residual, T* upper, long count, double* gates)
    {
        TSimd.Widen(TSimd.Broadcast(T.Zero), out TDoubles lowSelect, out TDoubles highSelect);
        TDoubles lowSkip = lowSelect, highSkip = lowSelect;
        double select = 0, skip = 0;
        for (; count > 0; count -= tables.Length, x += tables.Length, residual += tables.Length, upper += tables.Length)
        {
            long end = Math.Min(count, tables.Length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector branch = TSimd.FusedMultiplyAdd(TSimd.Subtract(TSimd.Load(x + i), TSimd.Load(tables.Mean + i)), TSimd.Load(tables.Scale + i), TSimd.Load(tables.Shift + i));
                TVector kept = TSimd.Load(residual + i);
                TSimd.Widen(TSimd.Load(upper + i), out TDoubles low, out TDoubles high);
                TSimd.Widen(TSimd.Relu(TSimd.Add(kept, branch)), out TDoubles lowOpen, out TDoubles highOpen);
                TSimd.Widen(kept, out TDoubles lowKept, out TDoubles highKept);
                lowSelect = TSimd.MultiplyAddDoubles(low, lowOpen, lowSelect);
                highSelect = TSimd.MultiplyAddDoubles(high, highOpen, highSelect);
                lowSkip = TSimd.MultiplyAddDoubles(low, lowKept, lowSkip);
                highSkip = TSimd.MultiplyAddDoubles(high, highKept, highSkip);
            }

            for (; i < end; i++)
            {
                T sum = residual[i] + T.FusedMultiplyAdd(x[i] - tables.Mean[i], tables.Scale[i], tables.Shift[i]);
                select += Lanes.Double(upper[i]) * Lanes.Double(sum < T.Zero ? T.Zero : sum);
                skip += Lanes.Double(upper[i]) * Lanes.Double(residual[i]);
            }
        }

        double* lanes = stackalloc double[2 * ChannelTable.LaneBlock];
        TSimd.StoreDoubles(lanes, TSimd.AddDoubles(lowSelect, highSelect));
        TSimd.StoreDoubles(lanes + TSimd.Doubles, TSimd.AddDoubles(lowSkip, highSkip));
        for (int lane = 0; lane < TSimd.Doubles; lane++)
        {
            select += lanes[lane];
            skip += lanes[TSimd.Doubles + lane];
        }

        gates[0] += select;
        gates[1] += skip;
    }

    /// <summary>Brings the gradients of streams that share their input together: selected = sum of select dy, skipped = sum of skip dy.</summary>
    /// <param name="gates">[S, 2].</param>
    /// <param name="streams">S.</param>
    /// <param name="upper">The first stream's gradient.</param>
    /// <param name="stride">From one stream's gradient to the next's.</param>
    /// <param name="count">Elements.</param>
    /// <param name="selected">Receives what goes through ReLU.</param>
    /// <param name="skipped">Receives what goes to the residual alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(T* gates, int streams, T* upper, long stride, long count, T* selected, T* skipped)
    {
        long i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector gradient = TSimd.Load(upper + i);
            TVector select = TSimd.Multiply(TSimd.Broadcast(gates[0]), gradient), skip = TSimd.Multiply(TSimd.Broadcast(gates[1]), gradient);
            for (int s = 1; s < streams; s++)
            {
                gradient = TSimd.Load(upper + (s * stride) + i);
                select = TSimd.FusedMultiplyAdd(TSimd.Broadcast(gates[2 * s]), gradient, select);
                skip = TSimd.FusedMultiplyAdd(TSimd.Broadcast(gates[(2 * s) + 1]), gradient, skip);
            }

            TSimd.Store(selected + i, select);
            TSimd.Store(skipped + i, skip);
        }

        for (; i < count; i++)
        {
            T select = gates[0] * upper[i], skip = gates[1] * upper[i];
            for (int s = 1; s < streams; s++)
            {
                select = T.FusedMultiplyAdd(gates[2 * s], upper[(s * stride) + i], select);
                skip = T.FusedMultiplyAdd(gates[(2 * s) + 1], upper[(s * stride) + i], skip);
            }

            selected[i] = select;
            skipped[i] = skip;
        }
    }
}
