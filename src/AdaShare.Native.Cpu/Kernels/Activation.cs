using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>ReLU and dropout in one pass over memory each; together with a bias see <see cref="BiasReluDropoutPasses"/>.</summary>
internal sealed unsafe class ActivationKernels(CpuThreads threads, bool wide) : IActivationKernels
{
    private readonly BiasReluDropoutPasses _single = BiasReluDropoutPasses.Of(threads, single: true, wide), _double = BiasReluDropoutPasses.Of(threads, single: false, wide);

    /// <inheritdoc/>
    public void Relu(Tensor input, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            Ranges.For(threads, input.Count, 1, new ReluBody<float>(input.Pointer<float>(), output.Pointer<float>()));
        }
        else
        {
            Ranges.For(threads, input.Count, 1, new ReluBody<double>(input.Pointer<double>(), output.Pointer<double>()));
        }
    }

    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(output))
        {
            Ranges.For(threads, output.Count, 1, new ReluBackwardBody<float>(output.Pointer<float>(), gradOutput.Pointer<float>(), gradInput.Pointer<float>(), accumulate));
        }
        else
        {
            Ranges.For(threads, output.Count, 1, new ReluBackwardBody<double>(output.Pointer<double>(), gradOutput.Pointer<double>(), gradInput.Pointer<double>(), accumulate));
        }
    }

    /// <inheritdoc/>
    public void Dropout(Tensor input, float probability, RandomStream stream, Tensor output, bool accumulate)
    {
        if (Lanes.IsSingle(input))
        {
            Ranges.For(threads, input.Count, 1, new DropoutBody<float>(input.Pointer<float>(), output.Pointer<float>(), probability, stream, accumulate, wide));
        }
        else
        {
            Ranges.For(threads, input.Count, 1, new DropoutBody<double>(input.Pointer<double>(), output.Pointer<double>(), probability, stream, accumulate, wide));
        }
    }

    /// <inheritdoc/>
    public void BiasReluDropout(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output) =>
        (Lanes.IsSingle(input) ? _single : _double).Forward(input, bias, probability, stream, output);

    /// <inheritdoc/>
    public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias) =>
        (Lanes.IsSingle(output) ? _single : _double).Backward(output, probability, gradOutput, gradInput, gradBias);

    private readonly struct ReluBody<T>(T* input, T* output) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end) => Leaf(input + start, output + start, end - start);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(T* x, T* y, long count)
        {
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Lanes.Relu(Vector256.Load(x + i)).Store(y + i);
            }

            for (; i < count; i++)
            {
                y[i] = x[i] < T.Zero ? T.Zero : x[i];
            }
        }
    }

    private readonly struct ReluBackwardBody<T>(T* output, T* gradOutput, T* gradInput, bool accumulate) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end) => Leaf(output + start, gradOutput + start, gradInput + start, end - start, accumulate);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(T* y, T* dy, T* dx, long count, bool accumulate)
        {
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> gradient = Vector256.Load(dy + i) & Vector256.GreaterThan(Vector256.Load(y + i), Vector256<T>.Zero);
                (accumulate ? gradient + Vector256.Load(dx + i) : gradient).Store(dx + i);
            }

            for (; i < count; i++)
            {
                T gradient = y[i] > T.Zero ? dy[i] : T.Zero;
                dx[i] = accumulate ? dx[i] + gradient : gradient;
            }
        }
    }

    private readonly struct DropoutBody<T>(T* input, T* output, float probability, RandomStream stream, bool accumulate, bool wide) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private const int BlockLength = 512;

        public void Run(long start, long end)
        {
            float* uniforms = stackalloc float[BlockLength + UniformLanes.Padding];
            for (long i = start; i < end; i += BlockLength)
            {
                int count = (int)Math.Min(BlockLength, end - i);

                // Pieces begin at multiples of 64 elements, so this is the first word of a Philox block.
                UniformLanes.Fill(stream, (ulong)i / 4, uniforms, count, wide);
                Leaf(input + i, output + i, uniforms, count, probability, T.CreateTruncating(1.0 / (1.0 - probability)), accumulate);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Leaf(T* x, T* y, float* uniforms, long count, float probability, T scale, bool accumulate)
        {
            long i = 0;
            if (typeof(T) == typeof(float))
            {
                Vector256<float> threshold = Vector256.Create(probability), factor = Vector256.Create((float)(object)scale);
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> kept = Vector256.GreaterThanOrEqual(Vector256.Load(uniforms + i), threshold);
                    Vector256<float> value = (Vector256.Load((float*)x + i) * factor) & kept;
                    (accumulate ? value + Vector256.Load((float*)y + i) : value).Store((float*)y + i);
                }
            }

            for (; i < count; i++)
            {
                T value = uniforms[i] >= probability ? x[i] * scale : T.Zero;
                y[i] = accumulate ? y[i] + value : value;
            }
        }
    }
}
