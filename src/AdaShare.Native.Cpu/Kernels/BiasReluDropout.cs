using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Bias, ReLU and dropout in one pass over memory, backward with the bias's gradient in the same pass. One type and one width.</summary>
internal abstract class BiasReluDropoutPasses
{
    /// <summary>The passes for an element type.</summary>
    /// <param name="threads">The threads.</param>
    /// <param name="single">Whether for float, otherwise double.</param>
    /// <param name="wide">Whether vectors have 512 bits, otherwise 256.</param>
    public static BiasReluDropoutPasses Of(CpuThreads threads, bool single, bool wide) => (single, wide) switch
    {
        (true, true) => new BiasReluDropoutPasses<float, Vector512<float>, Vector512<double>, Simd512<float>>(threads),
        (true, false) => new BiasReluDropoutPasses<float, Vector256<float>, Vector256<double>, Simd256<float>>(threads),
        (false, true) => new BiasReluDropoutPasses<double, Vector512<double>, Vector512<double>, Simd512<double>>(threads),
        (false, false) => new BiasReluDropoutPasses<double, Vector256<double>, Vector256<double>, Simd256<double>>(threads),
    };

    /// <summary>See <see cref="IActivationKernels.BiasReluDropout"/>.</summary>
    public abstract void Forward(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output);

    /// <summary>See <see cref="IActivationKernels.BiasReluDropoutBackward"/>.</summary>
    public abstract void Backward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias);
}

/// <inheritdoc/>
internal sealed unsafe class BiasReluDropoutPasses<T, TVector, TDoubles, TSimd>(CpuThreads threads) : BiasReluDropoutPasses
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    // Uniform numbers of a block wait in the first-level cache.
    private const int BlockLength = 512;

    /// <inheritdoc/>
    public override void Forward(Tensor input, Tensor? bias, float probability, RandomStream stream, Tensor output)
    {
        T* table = null;
        int channels = input.Shape[-1];
        if (bias is not null && input.Count > 0)
        {
            // A block begins at any channel and finds its biases side by side from there.
            table = threads.Scratch.Shared<T>(ScratchSlot.Partials, channels + BlockLength);
            new Span<T>(bias.Pointer<T>(), channels).CopyTo(new Span<T>(table, channels));
            ChannelTable.Repeat(table, channels, channels + BlockLength);
        }

        Ranges.For(threads, input.Count, 1, new ForwardBody(input.Pointer<T>(), table, channels, probability, stream, output.Pointer<T>()));
    }

    /// <inheritdoc/>
    public override void Backward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias)
    {
        int channels = output.Shape[-1], length = ChannelTable.Length(Math.Max(1, channels)), parts = Ranges.Parts(output.Count);
        double* sums = gradBias.Wanted ? threads.Scratch.Shared<double>(ScratchSlot.Partials, (long)parts * length) : null;
        double scale = 1.0 / (1.0 - probability);
        if (gradInput.Wanted || gradBias.Wanted)
        {
            long rows = (output.Count + length - 1) / length;
            var body = new BackwardBody(output.Pointer<T>(), gradOutput.Pointer<T>(), Lanes.Round<T>(scale), gradInput.Tensor.PointerOrNull<T>(), gradInput.Accumulate, sums, length, output.Count);
            Ranges.ForParts(threads, parts, rows, body);
        }

        if (gradBias.Tensor is not null)
        {
            NormSums.Fold(sums, parts, length, length, Math.Max(1, channels), 1);
            NormChannels<T>.Store(sums, scale, gradBias.Tensor.Pointer<T>(), gradBias.Accumulate, channels);
        }
    }

    private readonly struct ForwardBody(T* input, T* bias, int channels, float probability, RandomStream stream, T* output) : IRangeBody
    {
        public void Run(long start, long end)
        {
            float* numbers = stackalloc float[BlockLength + UniformLanes.Padding];
            T* widened = stackalloc T[typeof(T) == typeof(float) ? 1 : BlockLength];
            T threshold = Lanes.Round<T>(probability), scale = Lanes.Round<T>(1.0 / (1.0 - probability));
            for (long i = start; i < end; i += BlockLength)
            {
                int count = (int)Math.Min(BlockLength, end - i);
                T* uniforms = null;
                if (probability > 0)
                {
                    // Pieces begin at multiples of 64 elements, so this is the first word of a Philox block.
                    UniformLanes.Fill(stream, (ulong)i / 4, numbers, count, wide: Unsafe.SizeOf<TVector>() == Vector512<byte>.Count);
                    uniforms = (T*)numbers;
                    if (typeof(T) == typeof(double))
                    {
                        for (int n = 0; n < count; n++)
                        {
                            widened[n] = T.CreateTruncating(numbers[n]);
                        }

                        uniforms = widened;
                    }
                }

                BiasReluDropoutRows<T, TVector, TDoubles, TSimd>.Apply(input + i, bias == null ? null : bias + (i % channels), uniforms, threshold, scale, output + i, count);
            }
        }
    }

    // Items are rows of the table's length, so that a sum belongs to one place in them.
    private readonly struct BackwardBody(T* output, T* gradOutput, T scale, T* gradInput, bool accumulate, double* sums, int length, long total) : IPartBody
    {
        public void Run(int part, long start, long end)
        {
            double* own = sums == null ? null : sums + ((long)part * length);
            if (own != null)
            {
                new Span<double>(own, length).Clear();
            }

            long first = start * length, count = Math.Min(total, end * length) - first;
            T* target = gradInput == null ? null : gradInput + first;
            BiasReluDropoutRows<T, TVector, TDoubles, TSimd>.Gradients(output + first, gradOutput + first, scale, target, accumulate, own, length, count);
        }
    }
}
