using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Nearest and bilinear resize; gradients are gathered by the input's pixels in a fixed order.</summary>
internal sealed unsafe class ResizeKernels(CpuThreads threads) : IResizeKernels
{
    /// <inheritdoc/>
    public void Nearest(Tensor input, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            Forward<float>(input, output, bilinear: false, alignCorners: false);
        }
        else
        {
            Forward<double>(input, output, bilinear: false, alignCorners: false);
        }
    }

    /// <inheritdoc/>
    public void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            Backward<float>(gradOutput, gradInput, bilinear: false, alignCorners: false, accumulate);
        }
        else
        {
            Backward<double>(gradOutput, gradInput, bilinear: false, alignCorners: false, accumulate);
        }
    }

    /// <inheritdoc/>
    public void Bilinear(Tensor input, Tensor output, bool alignCorners)
    {
        if (Lanes.IsSingle(input))
        {
            Forward<float>(input, output, bilinear: true, alignCorners);
        }
        else
        {
            Forward<double>(input, output, bilinear: true, alignCorners);
        }
    }

    /// <inheritdoc/>
    public void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate)
    {
        if (Lanes.IsSingle(gradOutput))
        {
            Backward<float>(gradOutput, gradInput, bilinear: true, alignCorners, accumulate);
        }
        else
        {
            Backward<double>(gradOutput, gradInput, bilinear: true, alignCorners, accumulate);
        }
    }

    private void Forward<T>(Tensor input, Tensor output, bool bilinear, bool alignCorners) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (output.Count == 0)
        {
            return;
        }

        (ResizeAxis<T> rows, ResizeAxis<T> columns) = Axes<T>(input.Shape, output.Shape, bilinear, alignCorners);
        Shape from = input.Shape, to = output.Shape;
        long cost = (long)to[2] * to[3] * (bilinear ? 4 : 1);
        var size = new ResizeSize(from[1], from[2], to[1], to[2], to[3]);
        if (bilinear)
        {
            Ranges.For(threads, (long)to[0] * to[1], cost, new BilinearBody<T>(input.Pointer<T>(), output.Pointer<T>(), size, rows, columns));
        }
        else
        {
            Ranges.For(threads, (long)to[0] * to[1], cost, new NearestBody<T>(input.Pointer<T>(), output.Pointer<T>(), size, rows, columns));
        }
    }

    private void Backward<T>(Tensor gradOutput, Tensor gradInput, bool bilinear, bool alignCorners, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (gradInput.Count == 0)
        {
            return;
        }

        (ResizeAxis<T> rows, ResizeAxis<T> columns) = Axes<T>(gradInput.Shape, gradOutput.Shape, bilinear, alignCorners);
        Shape from = gradInput.Shape, to = gradOutput.Shape;
        var size = new ResizeSize(from[1], from[2], to[1], to[2], to[3]);
        long cost = Math.Max((long)from[2] * from[3], gradOutput.Count * (bilinear ? 4 : 1) / ((long)from[0] * from[1]));
        Ranges.For(threads, (long)from[0] * from[1], cost, new GatherBody<T>(gradOutput.Pointer<T>(), gradInput.Pointer<T>(), size, rows, columns, accumulate));
    }

    private (ResizeAxis<T> Rows, ResizeAxis<T> Columns) Axes<T>(Shape from, Shape to, bool bilinear, bool alignCorners) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Each table starts on a cache line of its own.
        long rowBytes = (ResizeAxis<T>.ByteLength(from[1], to[1]) + 63) & ~63L;
        byte* memory = threads.Scratch.Shared<byte>(ScratchSlot.Small, rowBytes + ResizeAxis<T>.ByteLength(from[2], to[2]));
        return bilinear
            ? (ResizeAxis<T>.Linear(from[1], to[1], alignCorners, memory), ResizeAxis<T>.Linear(from[2], to[2], alignCorners, memory + rowBytes))
            : (ResizeAxis<T>.Nearest(from[1], to[1], memory), ResizeAxis<T>.Nearest(from[2], to[2], memory + rowBytes));
    }

    private readonly record struct ResizeSize(int InputHeight, int InputWidth, int OutputHeight, int OutputWidth, int Channels);

    private readonly struct NearestBody<T>(T* input, T* output, ResizeSize size, ResizeAxis<T> rows, ResizeAxis<T> columns) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                (long n, long y) = Math.DivRem(row, (long)size.OutputHeight);
                T* source = input + (((n * size.InputHeight) + rows.Low[y]) * size.InputWidth * size.Channels);
                Row(source, output + (row * size.OutputWidth * size.Channels), columns.Low, size.OutputWidth, size.Channels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row(T* source, T* target, int* low, int width, int channels)
        {
            for (int x = 0; x < width; x++, target += channels)
            {
                T* pixel = source + ((long)low[x] * channels);
                int c = 0;
                for (; c <= channels - Vector256<T>.Count; c += Vector256<T>.Count)
                {
                    Vector256.Load(pixel + c).Store(target + c);
                }

                for (; c < channels; c++)
                {
                    target[c] = pixel[c];
                }
            }
        }
    }

    private readonly struct BilinearBody<T>(T* input, T* output, ResizeSize size, ResizeAxis<T> rows, ResizeAxis<T> columns) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            long step = (long)size.InputWidth * size.Channels;
            for (long row = start; row < end; row++)
            {
                (long n, long y) = Math.DivRem(row, (long)size.OutputHeight);
                T* image = input + (n * size.InputHeight * step);
                T* target = output + (row * size.OutputWidth * size.Channels);
                Row(image + (rows.Low[y] * step), image + (rows.High[y] * step), rows.Weight[y], columns, target, size.OutputWidth, size.Channels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row(T* top, T* bottom, T rowWeight, ResizeAxis<T> columns, T* target, int width, int channels)
        {
            Vector256<T> rowWeights = Vector256.Create(rowWeight);
            for (int x = 0; x < width; x++, target += channels)
            {
                long left = (long)columns.Low[x] * channels, right = (long)columns.High[x] * channels;
                T weight = columns.Weight[x];
                Vector256<T> weights = Vector256.Create(weight);
                int c = 0;
                for (; c <= channels - Vector256<T>.Count; c += Vector256<T>.Count)
                {
                    Vector256<T> a = Vector256.Load(top + left + c), b = Vector256.Load(bottom + left + c);
                    Vector256<T> upper = Lanes.MultiplyAdd(weights, Vector256.Load(top + right + c) - a, a);
                    Vector256<T> lower = Lanes.MultiplyAdd(weights, Vector256.Load(bottom + right + c) - b, b);
                    Lanes.MultiplyAdd(rowWeights, lower - upper, upper).Store(target + c);
                }

                for (; c < channels; c++)
                {
                    T a = top[left + c], b = bottom[left + c];
                    T upper = T.FusedMultiplyAdd(weight, top[right + c] - a, a);
                    T lower = T.FusedMultiplyAdd(weight, bottom[right + c] - b, b);
                    target[c] = T.FusedMultiplyAdd(rowWeight, lower - upper, upper);
                }
            }
        }
    }

    private readonly struct GatherBody<T>(T* gradOutput, T* gradInput, ResizeSize size, ResizeAxis<T> rows, ResizeAxis<T> columns, bool accumulate) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                (long n, long y) = Math.DivRem(row, (long)size.InputHeight);
                T* image = gradOutput + (n * size.OutputHeight * size.OutputWidth * size.Channels);
                T* target = gradInput + (row * size.InputWidth * size.Channels);
                for (int x = 0; x < size.InputWidth; x++)
                {
                    Pixel(image, size, rows, (int)y, columns, x, target + ((long)x * size.Channels), accumulate);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Pixel(T* image, in ResizeSize size, in ResizeAxis<T> rows, int y, in ResizeAxis<T> columns, int x, T* target, bool accumulate)
        {
            int height = rows.ReaderStart[y + 1] - rows.ReaderStart[y], width = columns.ReaderStart[x + 1] - columns.ReaderStart[x], channels = size.Channels;
            long step = (long)size.OutputWidth * channels;
            T* first = image + (rows.FirstReader[y] * step) + ((long)columns.FirstReader[x] * channels);
            T* rowWeights = rows.ReaderWeight + rows.ReaderStart[y], columnWeights = columns.ReaderWeight + columns.ReaderStart[x];
            int c = 0;
            for (; c <= channels - Vector256<T>.Count; c += Vector256<T>.Count)
            {
                Vector256<T> sum = accumulate ? Vector256.Load(target + c) : Vector256<T>.Zero;
                for (int i = 0; i < height; i++)
                {
                    T* gradient = first + (i * step) + c;
                    Vector256<T> rowSum = default;
                    for (int j = 0; j < width; j++, gradient += channels)
                    {
                        rowSum = Lanes.MultiplyAdd(Vector256.Create(columnWeights[j]), Vector256.Load(gradient), rowSum);
                    }

                    sum = Lanes.MultiplyAdd(Vector256.Create(rowWeights[i]), rowSum, sum);
                }

                sum.Store(target + c);
            }

            for (; c < channels; c++)
            {
                T sum = accumulate ? target[c] : T.Zero;
                for (int i = 0; i < height; i++)
                {
                    T* gradient = first + (i * step) + c;
                    T rowSum = T.Zero;
                    for (int j = 0; j < width; j++, gradient += channels)
                    {
                        rowSum = T.FusedMultiplyAdd(columnWeights[j], *gradient, rowSum);
                    }

                    sum = T.FusedMultiplyAdd(rowWeights[i], rowSum, sum);
                }

                target[c] = sum;
            }
        }
    }
}
