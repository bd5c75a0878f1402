using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Peaks;

/// <summary>
/// Loops that nothing but the processor or its memory can slow down, on a backend's threads and in its vectors: timed by a benchmark, they are the peaks that kernels are held against.
/// </summary>
/// <param name="backend">Whose threads and vectors.</param>
public sealed unsafe class CpuPeakLoops(CpuBackend backend)
{
    // More than the latency of a fused multiply-add times the units that do them, and few enough for 16 registers.
    private const int Chains = 12;

    /// <summary>Independent multiply-adds in registers, in single precision.</summary>
    /// <param name="rounds">How often each thread goes through its registers; at least 1.</param>
    /// <returns>The multiply-adds of all threads.</returns>
    public long MultiplyAdd(int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        return backend.Vectors switch
        {
            VectorWidth.Bits512 => MultiplyAdd<Vector512<float>, Simd512<float>>(rounds),
            VectorWidth.Bits256 => MultiplyAdd<Vector256<float>, Simd256<float>>(rounds),
            VectorWidth.Bits128 => MultiplyAdd<Vector128<float>, Simd128<float>>(rounds),
            _ => MultiplyAdd<float, SimdScalar<float>>(rounds),
        };
    }

    /// <summary>STREAM's triad: target = left + factor right, in single precision.</summary>
    /// <param name="target">Overwritten; it may be one of the others.</param>
    /// <param name="left">As many elements.</param>
    /// <param name="right">As many elements.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="pastCaches">Whether the target is written past the caches where the processor can, so that it need not be read first.</param>
    /// <exception cref="ShapeException">The counts or types differ.</exception>
    public void Triad(Tensor target, Tensor left, Tensor right, float factor, bool pastCaches)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Count != target.Count || right.Count != target.Count || left.DType != DType.Float32 || right.DType != DType.Float32 || target.DType != DType.Float32)
        {
            throw new ShapeException($"triad: {target} = {left} + factor {right}; all three must be {DType.Float32} with the same number of elements");
        }

        switch (backend.Vectors)
        {
            case VectorWidth.Bits512:
                Triad<Vector512<float>, Simd512<float>>(target, left, right, factor, pastCaches);
                break;
            case VectorWidth.Bits256:
                Triad<Vector256<float>, Simd256<float>>(target, left, right, factor, pastCaches);
                break;
            case VectorWidth.Bits128:
                Triad<Vector128<float>, Simd128<float>>(target, left, right, factor, pastCaches);
                break;
            default:
                Triad<float, SimdScalar<float>>(target, left, right, factor, pastCaches);
                break;
        }
    }

    private long MultiplyAdd<TVector, TSimd>(int rounds)
        where TVector : struct
        where TSimd : ISimd<float, TVector>
    {
        int threads = backend.Threads.Count;
        float* results = stackalloc float[threads * TSimd.Lanes];
        backend.Threads.For(threads, new ChainBody<TVector, TSimd>(rounds, results));
        return (long)threads * rounds * Chains * TSimd.Lanes;
    }

    private void Triad<TVector, TSimd>(Tensor target, Tensor left, Tensor right, float factor, bool pastCaches)
        where TVector : struct
        where TSimd : ISimd<float, TVector> =>
        Ranges.For(backend.Threads, target.Count, 1, new TriadBody<TVector, TSimd>(target.Pointer<float>(), left.Pointer<float>(), right.Pointer<float>(), factor, pastCaches));

    private readonly struct ChainBody<TVector, TSimd>(int rounds, float* results) : IParallelBody
        where TVector : struct
        where TSimd : ISimd<float, TVector>
    {
        public void Invoke(int index) => Leaf(rounds, results + (index * TSimd.Lanes));

        // x becomes x / 2 + 1 / 2, which stays near 1: no number grows, vanishes or becomes denormal.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(int rounds, float* result)
        {
            TVector half = TSimd.Broadcast(0.5f);
            TVector a = TSimd.Broadcast(1.1f), b = TSimd.Broadcast(1.2f), c = TSimd.Broadcast(1.3f), d = TSimd.Broadcast(1.4f), e = TSimd.Broadcast(1.5f), f = TSimd.Broadcast(1.6f);
            TVector g = TSimd.Broadcast(0.9f), h = TSimd.Broadcast(0.8f), i = TSimd.Broadcast(0.7f), j = TSimd.Broadcast(0.6f), k = TSimd.Broadcast(0.5f), l = TSimd.Broadcast(0.4f);
            for (int round = 0; round < rounds; round++)
            {
                a = TSimd.MultiplyAdd(a, half, half);
                b = TSimd.MultiplyAdd(b, half, half);
                c = TSimd.MultiplyAdd(c, half, half);
                d = TSimd.MultiplyAdd(d, half, half);
                e = TSimd.MultiplyAdd(e, half, half);
                f = TSimd.MultiplyAdd(f, half, half);
                g = TSimd.MultiplyAdd(g, half, half);
                h = TSimd.MultiplyAdd(h, half, half);
                i = TSimd.MultiplyAdd(i, half, half);
                j = TSimd.MultiplyAdd(j, half, half);
                k = TSimd.MultiplyAdd(k, half, half);
                l = TSimd.MultiplyAdd(l, half, half);
            }

            TVector abc = TSimd.Add(TSimd.Add(a, b), c), def = TSimd.Add(TSimd.Add(d, e), f), ghi = TSimd.Add(TSimd.Add(g, h), i), jkl = TSimd.Add(TSimd.Add(j, k), l);
            TSimd.Store(result, TSimd.Add(TSimd.Add(abc, def), TSimd.Add(ghi, jkl)));
        }
    }

    private readonly struct TriadBody<TVector, TSimd>(float* target, float* left, float* right, float factor, bool pastCaches) : IRangeBody
        where TVector : struct
        where TSimd : ISimd<float, TVector>
    {
        public void Run(long start, long end)
        {
            bool aligned = (nuint)(target + start) % (nuint)(TSimd.Lanes * sizeof(float)) == 0;
            if (pastCaches && aligned)
            {
                LeafPastCaches(target + start, left + start, right + start, end - start, factor);
            }
            else
            {
                Leaf(target + start, left + start, right + start, end - start, factor);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(float* y, float* a, float* b, long count, float factor)
        {
            TVector factors = TSimd.Broadcast(factor);
            long i = 0;
            for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            {
                TSimd.Store(y + i, TSimd.MultiplyAdd(factors, TSimd.Load(b + i), TSimd.Load(a + i)));
            }

            for (; i < count; i++)
            {
                y[i] = (factor * b[i]) + a[i];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void LeafPastCaches(float* y, float* a, float* b, long count, float factor)
        {
            TVector factors = TSimd.Broadcast(factor);
            long i = 0;
            for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
            {
                TSimd.Stream(y + i, TSimd.MultiplyAdd(factors, TSimd.Load(b + i), TSimd.Load(a + i)));
            }

            for (; i < count; i++)
            {
                y[i] = (factor * b[i]) + a[i];
            }
        }
    }
}
