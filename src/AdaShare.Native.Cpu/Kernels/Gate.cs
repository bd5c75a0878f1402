using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Gumbel-softmax sampling (Jang, Gu and Poole, 2017; Maddison, Mnih and Teh, 2017) in double precision, and AdaShare's gated residual in one pass.
/// </summary>
internal sealed unsafe class GateKernels(CpuThreads threads) : IGateKernels
{
    private const long LogCost = 16;

    /// <inheritdoc/>
    public void GumbelNoise(RandomStream stream, Tensor output)
    {
        if (Lanes.IsSingle(output))
        {
            GumbelNoise<float>(stream, output);
        }
        else
        {
            GumbelNoise<double>(stream, output);
        }
    }

    /// <inheritdoc/>
    public void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard)
    {
        if (Lanes.IsSingle(logits))
        {
            GumbelSoftmax<float>(logits, noise, temperature, soft, hard);
        }
        else
        {
            GumbelSoftmax<double>(logits, noise, temperature, soft, hard);
        }
    }

    /// <inheritdoc/>
    public void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate)
    {
        if (Lanes.IsSingle(soft))
        {
            GumbelSoftmaxBackward<float>(soft, temperature, gradOutput, gradLogits, accumulate);
        }
        else
        {
            GumbelSoftmaxBackward<double>(soft, temperature, gradOutput, gradLogits, accumulate);
        }
    }

    /// <inheritdoc/>
    public void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        if (Lanes.IsSingle(soft))
        {
            GumbelGates<float>.Sample(logits, noise, streams, temperature, soft, hard);
        }
        else
        {
            GumbelGates<double>.Sample(logits, noise, streams, temperature, soft, hard);
        }
    }

    /// <inheritdoc/>
    public void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        if (Lanes.IsSingle(soft))
        {
            GumbelGates<float>.Backward(soft, temperature, gradOutput, gradLogits);
        }
        else
        {
            GumbelGates<double>.Backward(soft, temperature, gradOutput, gradLogits);
        }
    }

    /// <inheritdoc/>
    public void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output)
    {
        if (Lanes.IsSingle(branch))
        {
            GatedResidual<float>(branch, residual, gates, output);
        }
        else
        {
            GatedResidual<double>(branch, residual, gates, output);
        }
    }

    /// <inheritdoc/>
    public void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates)
    {
        if (Lanes.IsSingle(branch))
        {
            GatedResidualBackward<float>(branch, residual, gates, gradOutput, gradBranch, gradResidual, gradGates);
        }
        else
        {
            GatedResidualBackward<double>(branch, residual, gates, gradOutput, gradBranch, gradResidual, gradGates);
        }
    }

    private void GumbelNoise<T>(RandomStream stream, Tensor output) where T : unmanaged, IFloatingPointIeee754<T>
    {
        long blocks = (output.Count + NoiseBody<T>.BlockLength - 1) / NoiseBody<T>.BlockLength;
        Ranges.For(threads, blocks, LogCost * NoiseBody<T>.BlockLength, new NoiseBody<T>(stream, output.Pointer<T>(), output.Count));
    }

    // Policies have a few dozen rows of two: plain loops in double precision, nothing to gain from threads or vectors.
    private static void GumbelSoftmax<T>(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = logits.Shape[-1];
        T* l = logits.Pointer<T>(), g = noise.Pointer<T>(), y = soft.Pointer<T>(), h = hard.PointerOrNull<T>();
        for (long start = 0; start < logits.Count; start += columns)
        {
            double max = double.NegativeInfinity, sum = 0;
            for (long i = start; i < start + columns; i++)
            {
                max = Math.Max(max, (Lanes.Double(l[i]) + Lanes.Double(g[i])) / temperature);
            }

            for (long i = start; i < start + columns; i++)
            {
                sum += Math.Exp(((Lanes.Double(l[i]) + Lanes.Double(g[i])) / temperature) - max);
            }

            long best = start;
            for (long i = start; i < start + columns; i++)
            {
                y[i] = Lanes.Round<T>(Math.Exp(((Lanes.Double(l[i]) + Lanes.Double(g[i])) / temperature) - max) / sum);
                best = y[i] > y[best] ? i : best;
            }

            for (long i = start; h != null && i < start + columns; i++)
            {
                h[i] = i == best ? T.One : T.Zero;
            }
        }
    }

    private static void GumbelSoftmaxBackward<T>(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = soft.Shape[-1];
        T* y = soft.Pointer<T>(), dy = gradOutput.Pointer<T>(), dx = gradLogits.Pointer<T>();
        for (long start = 0; start < soft.Count; start += columns)
        {
            double dot = 0;
            for (long i = start; i < start + columns; i++)
            {
                dot += Lanes.Double(y[i]) * Lanes.Double(dy[i]);
            }

            for (long i = start; i < start + columns; i++)
            {
                double gradient = Lanes.Double(y[i]) * (Lanes.Double(dy[i]) - dot) / temperature;
                dx[i] = Lanes.Round<T>(accumulate ? Lanes.Double(dx[i]) + gradient : gradient);
            }
        }
    }

    private void GatedResidual<T>(Tensor branch, Tensor residual, Tensor gates, Tensor output) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int streams = gates.Shape[0];
        long count = output.Count / Math.Max(1, streams), inputStep = branch.Count == output.Count ? count : 0;
        var body = new GateBody<T>(branch.Pointer<T>(), residual.Pointer<T>(), gates.Pointer<T>(), output.Pointer<T>(), streams, count, inputStep);
        Ranges.For(threads, GateBlocks.Of(count), streams * GateBlocks.Length, body);
    }

    private void GatedResidualBackward<T>(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int streams = gates.Shape[0];
        long count = gradOutput.Count / Math.Max(1, streams), inputStep = branch.Count == gradOutput.Count ? count : 0;
        long blocks = GateBlocks.Of(count);
        int parts = Ranges.Parts(gradOutput.Count);
        double* sums = gradGates.Wanted ? threads.Scratch.Shared<double>(ScratchSlot.Partials, 2L * parts * streams) : null;
        if (sums != null)
        {
            new Span<double>(sums, 2 * parts * streams).Clear();
        }

        T* db = gradBranch.Tensor.PointerOrNull<T>(), dr = gradResidual.Tensor.PointerOrNull<T>();
        var body = new GateGradientBody<T>(
            branch.Pointer<T>(), residual.Pointer<T>(), gates.Pointer<T>(), gradOutput.Pointer<T>(), db, gradBranch.Accumulate, dr, gradResidual.Accumulate,
            sums, streams, count, inputStep);
        Ranges.ForParts(threads, parts, blocks, body);
        if (gradGates.Tensor is null)
        {
            return;
        }

        T* dg = gradGates.Tensor.Pointer<T>();
        for (int i = 0; i < 2 * streams; i++)
        {
            double sum = gradGates.Accumulate ? Lanes.Double(dg[i]) : 0;
            for (int p = 0; p < parts; p++)
            {
                sum += sums[(2L * p * streams) + i];
            }

            dg[i] = Lanes.Round<T>(sum);
        }
    }

    private readonly struct NoiseBody<T>(RandomStream stream, T* output, long total) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
    {
        public const int BlockLength = 512;

        public void Run(long start, long end)
        {
            float* uniforms = stackalloc float[BlockLength + UniformLanes.Padding];
            for (long block = start; block < end; block++)
            {
                long first = block * BlockLength;
                int count = (int)Math.Min(BlockLength, total - first);
                UniformLanes.Fill(stream, (ulong)first / 4, uniforms, count, wide: false);
                for (int i = 0; i < count; i++)
                {
                    output[first + i] = Lanes.Round<T>(-Math.Log(-Math.Log(uniforms[i])));
                }
            }
        }
    }
}
