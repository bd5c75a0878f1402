using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Convolution of images with few channels, such as the network's first layer: blocks of windows are unrolled into rows that stay in the cache, each row
/// holding kh * kw * channels numbers in the filter's order, and multiplied as matrices.
/// </summary>
internal readonly unsafe struct ConvolutionUnrolled<T> where T : unmanaged, INumberBase<T>
{
    /// <summary>Inputs with fewer channels are unrolled: a tap alone would be too short a product.</summary>
    public const int ChannelLimit = 8;

    private const int BlockElements = 32768;
    private const int MaxBlockPixels = 192;
    private const int MaxSlots = 16;
    private const int MaxPartials = 4 << 20;

    public required CpuThreads Threads { get; init; }

    public required MicroKernels<T> Kernels { get; init; }

    public required Conv2dGeometry Geometry { get; init; }

    public required T* Input { get; init; }

    private int Width => Kernels.Width;

    private int Depth => Geometry.KernelHeight * Geometry.KernelWidth * Geometry.InputChannels;

    private int Channels => Geometry.OutputChannels;

    private int Pixels => Geometry.Batch * Geometry.OutputHeight * Geometry.OutputWidth;

    private int BlockPixels => Math.Clamp(BlockElements / Depth / Kernels.Height * Kernels.Height, Kernels.Height, MaxBlockPixels);

    private int Blocks => (Pixels + BlockPixels - 1) / BlockPixels;

    // Rows for the filter's gradient: whole vectors, and not a multiple of 256 bytes, which would map a column of the block to few cache sets.
    private int PaddedDepth
    {
        get
        {
            int unit = Math.Max(Width, Vector256<T>.Count), padded = (Depth + unit - 1) / unit * unit;
            return padded * sizeof(T) % 256 == 0 ? padded + unit : padded;
        }
    }

    private int PaddedChannels => Kernels.Cut(Channels).Padded;

    // Partial sums of the filter's gradient; their number depends on the shape alone, so that the order of additions does too.
    private int Slots => Math.Min(Math.Min(MaxSlots, Blocks), Math.Max(1, MaxPartials / (PaddedChannels * PaddedDepth)));

    /// <summary>output = input * filter + bias.</summary>
    public void Forward(T* filter, T* bias, T* output)
    {
        int panels = Kernels.Panels(Channels);
        T* packed = Threads.Scratch.Shared<T>(ScratchSlot.PackedRight, (long)panels * Depth * Width);
        for (int first = 0; first < Channels; first += Width)
        {
            int columns = Math.Min(Width, Channels - first);
            Packing.Columns(filter + first, Channels, Depth, columns, Kernels.PanelWidth(columns), packed + ((nint)first * Depth));
        }

        Threads.For(Blocks, new ForwardBody(this, packed, bias, output));
    }

    /// <summary>gradFilter (+)= the gradient of the filter.</summary>
    public void BackwardFilter(T* gradOutput, T* gradFilter, bool accumulate)
    {
        T* partials = Threads.Scratch.Shared<T>(ScratchSlot.Partials, (long)Slots * PaddedChannels * PaddedDepth);
        Threads.For(Slots, new GradientBody(this, gradOutput, partials));
        Threads.For(Kernels.Panels(Channels), new SumBody(this, partials, gradFilter, accumulate));
    }

    /// <summary>Writes the windows of some output pixels as rows.</summary>
    /// <param name="first">The first output pixel.</param>
    /// <param name="count">The number of pixels.</param>
    /// <param name="rows">count * stride elements, and a vector more.</param>
    /// <param name="stride">Elements between rows; those after the window become zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Unroll(int first, int count, T* rows, int stride)
    {
        Conv2dOptions o = Geometry.Options;
        int rowLength = Geometry.KernelWidth * Geometry.InputChannels;
        int x = first % Geometry.OutputWidth, y = first / Geometry.OutputWidth % Geometry.OutputHeight, n = first / (Geometry.OutputWidth * Geometry.OutputHeight);
        for (int i = 0; i < count; i++)
        {
            T* target = rows + ((nint)i * stride);
            T* image = Input + ((nint)n * Geometry.InputHeight * Geometry.InputWidth * Geometry.InputChannels);
            int inputX = (x * o.StrideWidth) - o.PadWidth;
            for (int kh = 0; kh < Geometry.KernelHeight; kh++, target += rowLength)
            {
                int inputY = (y * o.StrideHeight) - o.PadHeight + (kh * o.DilationHeight);
                if ((uint)inputY < (uint)Geometry.InputHeight)
                {
                    UnrollRow(image + ((nint)inputY * Geometry.InputWidth * Geometry.InputChannels), inputX, target);
                }
                else
                {
                    Clear(target, rowLength);
                }
            }

            Clear(target, stride - Depth);
            if (++x == Geometry.OutputWidth)
            {
                x = 0;
                if (++y == Geometry.OutputHeight)
                {
                    y = 0;
                    n++;
                }
            }
        }
    }

    // One row of a window, from column x of a row of the image.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void UnrollRow(T* source, int x, T* target)
    {
        int channels = Geometry.InputChannels, kernel = Geometry.KernelWidth;
        if (Geometry.Options.DilationWidth == 1)
        {
            int from = x >= 0 ? 0 : Math.Min(-x, kernel), to = Math.Max(from, Math.Min(Geometry.InputWidth - x, kernel));
            Clear(target, from * channels);
            Copy(source + ((nint)(x + from) * channels), target + (from * channels), (to - from) * channels);
            Clear(target + (to * channels), (kernel - to) * channels);
            return;
        }

        for (int kw = 0; kw < kernel; kw++)
        {
            int column = x + (kw * Geometry.Options.DilationWidth);
            if ((uint)column < (uint)Geometry.InputWidth)
            {
                Copy(source + ((nint)column * channels), target + (kw * channels), channels);
            }
            else
            {
                Clear(target + (kw * channels), channels);
            }
        }
    }

    // Both write whole vectors: what is too much is overwritten by what comes after it. What a copy reads too much lies in the storage's slack.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(T* target, int count)
    {
        for (int i = 0; i < count; i += Vector256<T>.Count)
        {
            Vector256<T>.Zero.Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* source, T* target, int count)
    {
        for (int i = 0; i < count; i += Vector256<T>.Count)
        {
            Vector256.Load(source + i).Store(target + i);
        }
    }

    private readonly struct ForwardBody(ConvolutionUnrolled<T> c, T* packed, T* bias, T* output) : IParallelBody
    {
        public void Invoke(int index)
        {
            int first = index * c.BlockPixels, count = Math.Min(c.BlockPixels, c.Pixels - first);
            TileRows tiles = c.Kernels.Cut(count);
            T* rows = c.Threads.Scratch.Local<T>(ScratchSlot.Rows, ((long)count * c.Depth) + Vector256<T>.Count);
            T** sources = (T**)c.Threads.Scratch.Local<nint>(ScratchSlot.Pointers, 2 * tiles.Padded);
            T** targets = sources + tiles.Padded;
            c.Unroll(first, count, rows, c.Depth);
            for (int i = 0; i < count; i++)
            {
                sources[i] = rows + ((nint)i * c.Depth);
                targets[i] = output + ((nint)(first + i) * c.Channels);
            }

            RowTiles<T>.Pad(tiles, count, sources);
            RowTiles<T>.Pad(tiles, count, targets);
            nint zero = 0;
            var product = new RowTiles<T> { Kernels = c.Kernels, Rows = count, Sources = sources, Targets = targets, SourceOffsets = &zero, PanelRows = &zero, Taps = 1, Depth = c.Depth };
            for (int channel = 0; channel < c.Channels; channel += c.Width)
            {
                product.Run(packed + ((nint)channel * c.Depth), channel, Math.Min(c.Width, c.Channels - channel), bias == null ? null : bias + channel, false);
            }
        }
    }

    // partials[slot][o][k] = sum over the slot's pixels of gradOutput[pixel, o] * rows[pixel, k].
    private readonly struct GradientBody(ConvolutionUnrolled<T> c, T* gradOutput, T* partials) : IParallelBody
    {
        public void Invoke(int index)
        {
            int stride = c.PaddedDepth;
            T* slot = partials + ((nint)index * c.PaddedChannels * stride);
            T* rows = c.Threads.Scratch.Local<T>(ScratchSlot.Rows, ((long)c.BlockPixels * stride) + Vector256<T>.Count);
            int from = (int)((long)c.Blocks * index / c.Slots), to = (int)((long)c.Blocks * (index + 1) / c.Slots);
            for (int block = from; block < to; block++)
            {
                int first = block * c.BlockPixels, count = Math.Min(c.BlockPixels, c.Pixels - first);
                c.Unroll(first, count, rows, stride);
                AddBlock(gradOutput + ((nint)first * c.Channels), count, rows, stride, slot, block > from);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void AddBlock(T* gradient, int count, T* rows, int stride, T* slot, bool add)
        {
            int* run = stackalloc int[3] { 0, 0, count };
            T* zeros = (T*)MicroKernels<T>.Zeros;
            TileRows tiles = c.Kernels.Cut(c.Channels);
            for (int k = 0; k < c.Depth; k += c.Width)
            {
                for (int tile = 0; tile < tiles.Tiles; tile++)
                {
                    // The last tile may read channels of the next pixel, or slack: they end in rows of the slot that nobody reads.
                    int first = tiles.FirstRow(tile);
                    var outer = c.Kernels.Outer(tiles.RowsOf(tile), c.Depth - k);
                    outer(1, run, c.Channels, c.Channels, gradient + first, stride, rows + k, zeros, slot + ((nint)first * stride) + k, stride, add);
                }
            }
        }
    }

    // Some output channels: adds the slots up in order, then turns the sums around.
    private readonly struct SumBody(ConvolutionUnrolled<T> c, T* partials, T* gradFilter, bool accumulate) : IParallelBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int index)
        {
            int from = index * c.Width, to = Math.Min(from + c.Width, c.Channels), stride = c.PaddedDepth, slots = c.Slots, depth = c.Depth;
            nint slotLength = (nint)c.PaddedChannels * stride;
            T* sums = c.Threads.Scratch.Local<T>(ScratchSlot.Rows, (long)c.Width * stride);
            for (int o = from; o < to; o++)
            {
                for (int k = 0; k < stride; k += Vector256<T>.Count)
                {
                    Vector256<T> sum = Vector256<T>.Zero;
                    for (int slot = 0; slot < slots; slot++)
                    {
                        sum += Vector256.Load(partials + (slot * slotLength) + ((nint)o * stride) + k);
                    }

                    sum.Store(sums + ((nint)(o - from) * stride) + k);
                }
            }

            for (int k = 0; k < depth; k++)
            {
                T* target = gradFilter + ((nint)k * c.Channels);
                for (int o = from; o < to; o++)
                {
                    T sum = sums[((nint)(o - from) * stride) + k];
                    target[o] = accumulate ? target[o] + sum : sum;
                }
            }
        }
    }
}
