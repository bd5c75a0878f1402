using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>How a stream's elements are cut: a block of both inputs stays in the first-level cache while all streams pass over it.</summary>
internal static class GateBlocks
{
    /// <summary>Elements a block.</summary>
    public const int Length = 1024;

    /// <summary>The number of blocks of a stream.</summary>
    public static long Of(long count) => (count + Length - 1) / Length;
}

/// <summary>Blocks of output = select ReLU(residual + branch) + skip residual, for every stream.</summary>
internal readonly unsafe struct GateBody<T>(T* branch, T* residual, T* gates, T* output, int streams, long count, long inputStep) : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long block = start; block < end; block++)
        {
            long first = block * GateBlocks.Length, length = Math.Min(GateBlocks.Length, count - first);
            for (int s = 0; s < streams; s++)
            {
                long offset = (s * inputStep) + first;
                Mix(branch + offset, residual + offset, gates[2 * s], gates[(2 * s) + 1], output + (s * count) + first, length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(T* b, T* r, T select, T skip, T* y, long length)
    {
        Vector256<T> selects = Vector256.Create(select), skips = Vector256.Create(skip);
        long i = 0;
        for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> kept = Vector256.Load(r + i);
            Lanes.MultiplyAdd(selects, Lanes.Relu(kept + Vector256.Load(b + i)), skips * kept).Store(y + i);
        }

        for (; i < length; i++)
        {
            T sum = r[i] + b[i];
            y[i] = T.FusedMultiplyAdd(select, sum < T.Zero ? T.Zero : sum, skip * r[i]);
        }
    }
}

/// <summary>Blocks of the gradients of the gated residual; each part has sums of its own for the gates.</summary>
internal readonly unsafe struct GateGradientBody<T>(
    T* branch, T* residual, T* gates, T* gradOutput, T* gradBranch, bool addBranch, T* gradResidual, bool addResidual,
    double* gateSums, int streams, long count, long inputStep) : IPartBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int part, long start, long end)
    {
        for (long block = start; block < end; block++)
        {
            long first = block * GateBlocks.Length, length = Math.Min(GateBlocks.Length, count - first);
            for (int s = 0; s < streams; s++)
            {
                long offset = (s * inputStep) + first;
                T* b = branch + offset, r = residual + offset, dy = gradOutput + (s * count) + first;

                // Where the streams share their input, each one after the first adds to what the first has left.
                bool later = inputStep == 0 && s > 0;
                if (gradBranch != null)
                {
                    Branch(b, r, gates[2 * s], dy, gradBranch + offset, length, addBranch || later);
                }

                if (gradResidual != null)
                {
                    Residual(b, r, gates[2 * s], gates[(2 * s) + 1], dy, gradResidual + offset, length, addResidual || later);
                }

                if (gateSums != null)
                {
                    Gates(b, r, dy, length, gateSums + (2L * ((part * streams) + s)));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Branch(T* b, T* r, T select, T* dy, T* db, long length, bool accumulate)
    {
        Vector256<T> selects = Vector256.Create(select);
        long i = 0;
        for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> open = Vector256.GreaterThan(Vector256.Load(r + i) + Vector256.Load(b + i), Vector256<T>.Zero);
            Vector256<T> gradient = (selects * Vector256.Load(dy + i)) & open;
            (accumulate ? Vector256.Load(db + i) + gradient : gradient).Store(db + i);
        }

        for (; i < length; i++)
        {
            T gradient = r[i] + b[i] > T.Zero ? select * dy[i] : T.Zero;
            db[i] = accumulate ? db[i] + gradient : gradient;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Residual(T* b, T* r, T select, T skip, T* dy, T* dr, long length, bool accumulate)
    {
        Vector256<T> selects = Vector256.Create(select), skips = Vector256.Create(skip);
        long i = 0;
        for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            Vector256<T> upper = Vector256.Load(dy + i);
            Vector256<T> open = Vector256.GreaterThan(Vector256.Load(r + i) + Vector256.Load(b + i), Vector256<T>.Zero);
            Vector256<T> gradient = Lanes.MultiplyAdd(skips, upper, (selects * upper) & open);
            (accumulate ? Vector256.Load(dr + i) + gradient : gradient).Store(dr + i);
        }

        for (; i < length; i++)
        {
            T gradient = T.FusedMultiplyAdd(skip, dy[i], r[i] + b[i] > T.Zero ? select * dy[i] : T.Zero);
            dr[i] = accumulate ? dr[i] + gradient : gradient;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gates(T* b, T* r, T* dy, long length, double* sums)
    {
        Vector256<double> selected = default, skipped = default;
        long i = 0;
        for (; i <= length - 4; i += 4)
        {
            Vector256<double> upper = Lanes.LoadDoubles(dy + i), kept = Lanes.LoadDoubles(r + i);
            selected += upper * Lanes.Relu(kept + Lanes.LoadDoubles(b + i));
            skipped += upper * kept;
        }

        double select = Lanes.Fold(selected), skip = Lanes.Fold(skipped);
        for (; i < length; i++)
        {
            double upper = Lanes.Double(dy[i]), kept = Lanes.Double(r[i]);
            select += upper * Math.Max(0, kept + Lanes.Double(b[i]));
            skip += upper * kept;
        }

        sums[0] += select;
        sums[1] += skip;
    }
}
