using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Optimiser updates in one pass over a group's flat buffers. There are no rounded copies: the CPU has no tensors of bfloat16.</summary>
internal sealed unsafe class OptimizerKernels(CpuThreads threads) : IOptimizerKernels
{
    /// <inheritdoc/>
    public void Sgd(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? rounded = null)
    {
        if (Lanes.IsSingle(value))
        {
            Sgd<float>(value, gradient, velocity, learningRate, momentum, weightDecay, nesterov);
        }
        else
        {
            Sgd<double>(value, gradient, velocity, learningRate, momentum, weightDecay, nesterov);
        }
    }

    /// <inheritdoc/>
    public void Adam(
        Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step, Tensor? rounded = null)
    {
        if (Lanes.IsSingle(value))
        {
            Adam<float>(value, gradient, mean, variance, learningRate, beta1, beta2, epsilon, weightDecay, step);
        }
        else
        {
            Adam<double>(value, gradient, mean, variance, learningRate, beta1, beta2, epsilon, weightDecay, step);
        }
    }

    private void Sgd<T>(Tensor value, Tensor gradient, Tensor velocity, double learningRate, double momentum, double weightDecay, bool nesterov)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Ranges.For(threads, value.Count, 1, new SgdBody<T>(
            value.Pointer<T>(), gradient.Pointer<T>(), velocity.Pointer<T>(), Lanes.Round<T>(-learningRate), Lanes.Round<T>(momentum), Lanes.Round<T>(weightDecay), nesterov));

    private void Adam<T>(Tensor value, Tensor gradient, Tensor mean, Tensor variance, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, long step)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var factors = new AdamFactors<T>(
            Lanes.Round<T>(weightDecay),
            Lanes.Round<T>(beta1),
            Lanes.Round<T>(1 - beta1),
            Lanes.Round<T>(beta2),
            Lanes.Round<T>(1 - beta2),
            Lanes.Round<T>(-learningRate / (1 - Math.Pow(beta1, step))),
            Lanes.Round<T>(1 / Math.Sqrt(1 - Math.Pow(beta2, step))),
            Lanes.Round<T>(epsilon));
        Ranges.For(threads, value.Count, 1, new AdamBody<T>(value.Pointer<T>(), gradient.Pointer<T>(), mean.Pointer<T>(), variance.Pointer<T>(), factors));
    }

    /// <summary>What is the same for all elements of an Adam step.</summary>
    private readonly record struct AdamFactors<T>(T Decay, T Beta1, T OneLess1, T Beta2, T OneLess2, T Rate, T Correction, T Epsilon);

    private readonly struct SgdBody<T>(T* value, T* gradient, T* velocity, T rate, T momentum, T decay, bool nesterov) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end) => Leaf(value + start, gradient + start, velocity + start, end - start, rate, momentum, decay, nesterov);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(T* w, T* dw, T* v, long count, T rate, T momentum, T decay, bool nesterov)
        {
            Vector256<T> rates = Vector256.Create(rate), momenta = Vector256.Create(momentum), decays = Vector256.Create(decay);
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> weight = Vector256.Load(w + i);
                Vector256<T> g = Lanes.MultiplyAdd(decays, weight, Vector256.Load(dw + i));
                Vector256<T> speed = Lanes.MultiplyAdd(momenta, Vector256.Load(v + i), g);
                speed.Store(v + i);
                Lanes.MultiplyAdd(rates, nesterov ? Lanes.MultiplyAdd(momenta, speed, g) : speed, weight).Store(w + i);
            }

            for (; i < count; i++)
            {
                T g = T.FusedMultiplyAdd(decay, w[i], dw[i]);
                v[i] = T.FusedMultiplyAdd(momentum, v[i], g);
                w[i] = T.FusedMultiplyAdd(rate, nesterov ? T.FusedMultiplyAdd(momentum, v[i], g) : v[i], w[i]);
            }
        }
    }

    private readonly struct AdamBody<T>(T* value, T* gradient, T* mean, T* variance, AdamFactors<T> factors) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end) => Leaf(value + start, gradient + start, mean + start, variance + start, end - start, factors);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(T* w, T* dw, T* m, T* v, long count, AdamFactors<T> f)
        {
            Vector256<T> decay = Vector256.Create(f.Decay), beta1 = Vector256.Create(f.Beta1), oneLess1 = Vector256.Create(f.OneLess1), rate = Vector256.Create(f.Rate);
            Vector256<T> beta2 = Vector256.Create(f.Beta2), oneLess2 = Vector256.Create(f.OneLess2), correction = Vector256.Create(f.Correction), epsilon = Vector256.Create(f.Epsilon);
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> weight = Vector256.Load(w + i);
                Vector256<T> g = Lanes.MultiplyAdd(decay, weight, Vector256.Load(dw + i));
                Vector256<T> first = Lanes.MultiplyAdd(beta1, Vector256.Load(m + i), oneLess1 * g);
                Vector256<T> second = Lanes.MultiplyAdd(beta2, Vector256.Load(v + i), oneLess2 * (g * g));
                first.Store(m + i);
                second.Store(v + i);
                Vector256<T> scale = Lanes.MultiplyAdd(Vector256.Sqrt(second), correction, epsilon);
                Lanes.MultiplyAdd(rate, first / scale, weight).Store(w + i);
            }

            for (; i < count; i++)
            {
                T g = T.FusedMultiplyAdd(f.Decay, w[i], dw[i]);
                m[i] = T.FusedMultiplyAdd(f.Beta1, m[i], f.OneLess1 * g);
                v[i] = T.FusedMultiplyAdd(f.Beta2, v[i], f.OneLess2 * (g * g));
                w[i] = T.FusedMultiplyAdd(f.Rate, m[i] / T.FusedMultiplyAdd(T.Sqrt(v[i]), f.Correction, f.Epsilon), w[i]);
            }
        }
    }
}
