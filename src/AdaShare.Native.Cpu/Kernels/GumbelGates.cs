using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The gates of all tasks and blocks, a few hundred numbers: plain loops in double precision, nothing to gain from threads or vectors.</summary>
internal static unsafe class GumbelGates<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>See <see cref="IGateKernels.GumbelGates"/>.</summary>
    public static void Sample(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        int tasks = logits.Count, blocks = logits[0].Shape[0];
        T* y = soft.Pointer<T>(), h = hard.PointerOrNull<T>(), given = noise.PointerOrNull<T>();
        for (int t = 0; t < tasks; t++)
        {
            T* x = logits[t].Pointer<T>();
            for (int b = 0; b < blocks; b++)
            {
                // Noise is rounded to the type that it would be stored in.
                double Noise(int c) => streams is null ? Lanes.Double(given[(((t * blocks) + b) * 2) + c]) : Lanes.Double(Lanes.Round<T>(streams[t].Gumbel((ulong)((2 * b) + c))));
                double select = (Lanes.Double(x[2 * b]) + Noise(0)) / temperature, skip = (Lanes.Double(x[(2 * b) + 1]) + Noise(1)) / temperature;
                double max = Math.Max(select, skip), first = Math.Exp(select - max), second = Math.Exp(skip - max);
                int row = 2 * ((b * tasks) + t);
                y[row] = Lanes.Round<T>(first / (first + second));
                y[row + 1] = Lanes.Round<T>(second / (first + second));
                if (h is not null)
                {
                    h[row] = y[row + 1] > y[row] ? T.Zero : T.One;
                    h[row + 1] = T.One - h[row];
                }
            }
        }
    }

    /// <summary>See <see cref="IGateKernels.GumbelGatesBackward"/>.</summary>
    public static void Backward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        int tasks = gradLogits.Count, blocks = soft.Shape[0] / tasks;
        T* y = soft.Pointer<T>(), dy = gradOutput.Pointer<T>();
        for (int t = 0; t < tasks; t++)
        {
            if (gradLogits[t].Tensor is not { } target)
            {
                continue;
            }

            T* dx = target.Pointer<T>();
            for (int b = 0; b < blocks; b++)
            {
                int row = 2 * ((b * tasks) + t);
                double select = Lanes.Double(y[row]), skip = Lanes.Double(y[row + 1]), mean = (select * Lanes.Double(dy[row])) + (skip * Lanes.Double(dy[row + 1]));
                Add(dx + (2 * b), select * (Lanes.Double(dy[row]) - mean) / temperature, gradLogits[t].Accumulate);
                Add(dx + (2 * b) + 1, skip * (Lanes.Double(dy[row + 1]) - mean) / temperature, gradLogits[t].Accumulate);
            }
        }
    }

    private static void Add(T* target, double value, bool accumulate) => *target = Lanes.Round<T>(accumulate ? Lanes.Double(*target) + value : value);
}
