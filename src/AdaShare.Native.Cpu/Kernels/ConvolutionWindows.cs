using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Convolution of images with few channels, such as the network's first layer. Some rows of the image at a time are copied with their padding; there a row of a window
/// is one run of numbers in the filter's order, which the micro-kernels read where it lies.
/// </summary>
/// <remarks>A dilated window has a run for each tap instead.</remarks>
internal readonly unsafe struct ConvolutionWindows<T> where T : unmanaged, INumberBase<T>
{
    /// <summary>Inputs with fewer channels are computed in this way: a tap alone would be too short a product.</summary>
    public const int ChannelLimit = 8;

    // Output pixels of a block: enough to keep a panel of the filter busy, few enough that the rows they read stay in the first-level cache.
    private const int BlockPixels = 384;
    private const int MaxSlots = 16;
    private const int MaxPartials = 4 << 20;

    public required CpuThreads Threads { get; init; }

    public required MicroKernels<T> Kernels { get; init; }

    public required Conv2dGeometry Geometry { get; init; }

    public required T* Input { get; init; }

    private Conv2dOptions Options => Geometry.Options;

    private int Channels => Geometry.OutputChannels;

    private bool RowsAreRuns => Options.DilationWidth == 1;

    private int Runs => RowsAreRuns ? Geometry.KernelHeight : Geometry.KernelHeight * Geometry.KernelWidth;

    private int RunLength => RowsAreRuns ? Geometry.KernelWidth * Geometry.InputChannels : Geometry.InputChannels;

    private int Depth => Runs * RunLength;

    private int BlockRows => Math.Clamp(BlockPixels / Geometry.OutputWidth, 1, Geometry.OutputHeight);

    private int BlocksAnImage => (Geometry.OutputHeight + BlockRows - 1) / BlockRows;

    private int Blocks => Geometry.Batch * BlocksAnImage;

    // Pixels of a padded row, as far as windows reach.
    private int PaddedWidth => ((Geometry.OutputWidth - 1) * Options.StrideWidth) + ((Geometry.KernelWidth - 1) * Options.DilationWidth) + 1;

    // The last tile of a run may read beyond it.
    private long SlabLength => ((long)PaddedRows(BlockRows) * PaddedWidth * Geometry.InputChannels) + TileRows.Max;

    private int PaddedRun => Kernels.Cut(RunLength).Padded;

    private int PaddedChannels => Kernels.Panels(Channels) * Kernels.Width;

    private nint SlotLength => (nint)Runs * PaddedRun * PaddedChannels;

    // Partial sums of the filter's gradient; their number depends on the shape alone, so that the order of additions does too.
    private int Slots => Math.Min(Math.Min(MaxSlots, Blocks), (int)Math.Max(1, MaxPartials / SlotLength));

    /// <summary>output = input * filter + bias.</summary>
    public void Forward(T* filter, T* bias, T* output)
    {
        T* packed = Threads.Scratch.Shared<T>(ScratchSlot.PackedRight, (long)PaddedChannels * Depth);
        for (int first = 0; first < Channels; first += Kernels.Width)
        {
            int columns = Math.Min(Kernels.Width, Channels - first);
            Packing.Columns(filter + first, Channels, Depth, columns, Kernels.PanelWidth(columns), packed + ((nint)first * Depth));
        }

        Threads.For(Blocks, new ForwardBody(this, packed, bias, output));
    }

    /// <summary>gradFilter (+)= the gradient of the filter.</summary>
    public void BackwardFilter(T* gradOutput, T* gradFilter, bool accumulate)
    {
        T* partials = Threads.Scratch.Shared<T>(ScratchSlot.Partials, Math.Max(1, Slots) * (long)SlotLength);
        Threads.For(Slots, new GradientBody(this, gradOutput, partials));
        Threads.For(Runs, new SumBody(this, partials, gradFilter, accumulate));
    }

    private int PaddedRows(int outputRows) => ((outputRows - 1) * Options.StrideHeight) + ((Geometry.KernelHeight - 1) * Options.DilationHeight) + 1;

    // Where a run lies in its window.
    private nint RunOffset(int run)
    {
        int kh = RowsAreRuns ? run : run / Geometry.KernelWidth, kw = RowsAreRuns ? 0 : run % Geometry.KernelWidth;
        return ((nint)kh * Options.DilationHeight * PaddedWidth * Geometry.InputChannels) + ((nint)kw * Options.DilationWidth * Geometry.InputChannels);
    }

    private (int Image, int Row, int Rows) Block(int block)
    {
        int row = block % BlocksAnImage * BlockRows;
        return (block / BlocksAnImage, row, Math.Min(BlockRows, Geometry.OutputHeight - row));
    }

    /// <summary>Copies the rows that a block's windows read, with zeros for the padding.</summary>
    private void CopyRows(int image, int outputRow, int outputRows, T* slab)
    {
        int channels = Geometry.InputChannels, rowLength = PaddedWidth * channels;
        int from = Math.Min(Options.PadWidth, PaddedWidth) * channels, length = Math.Clamp(PaddedWidth - Options.PadWidth, 0, Geometry.InputWidth) * channels;
        int top = (outputRow * Options.StrideHeight) - Options.PadHeight, rows = PaddedRows(outputRows);
        for (int r = 0; r < rows; r++, slab += rowLength)
        {
            var target = new Span<T>(slab, rowLength);
            int y = top + r;
            if ((uint)y >= (uint)Geometry.InputHeight)
            {
                target.Clear();
                continue;
            }

            target[..from].Clear();
            new ReadOnlySpan<T>(Input + ((((nint)image * Geometry.InputHeight) + y) * Geometry.InputWidth * channels), length).CopyTo(target[from..]);
            target[(from + length)..].Clear();
        }
    }

    private readonly struct ForwardBody(ConvolutionWindows<T> c, T* packed, T* bias, T* output) : IParallelBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int index)
        {
            (int image, int row, int rows) = c.Block(index);
            int width = c.Geometry.OutputWidth, count = rows * width, stepX = c.Options.StrideWidth * c.Geometry.InputChannels;
            T* slab = c.Threads.Scratch.Local<T>(ScratchSlot.Rows, c.SlabLength);
            c.CopyRows(image, row, rows, slab);
            TileRows tiles = c.Kernels.Cut(count);
            T** sources = (T**)c.Threads.Scratch.Local<nint>(ScratchSlot.Pointers, 2 * tiles.Padded);
            T** targets = sources + tiles.Padded;
            T* target = output + ((((nint)image * c.Geometry.OutputHeight) + row) * width * c.Channels);
            for (int i = 0, y = 0; y < rows; y++)
            {
                T* source = slab + ((nint)y * c.Options.StrideHeight * c.PaddedWidth * c.Geometry.InputChannels);
                for (int x = 0; x < width; x++, i++)
                {
                    sources[i] = source;
                    targets[i] = target;
                    source += stepX;
                    target += c.Channels;
                }
            }

            RowTiles<T>.Pad(tiles, count, sources);
            RowTiles<T>.Pad(tiles, count, targets);
            Multiply(count, sources, targets);
        }

        private void Multiply(int count, T** sources, T** targets)
        {
            nint* offsets = c.Threads.Scratch.Local<nint>(ScratchSlot.Small, 2 * c.Runs);
            for (int run = 0; run < c.Runs; run++)
            {
                offsets[run] = c.RunOffset(run);
                offsets[c.Runs + run] = (nint)run * c.RunLength;
            }

            var product = new RowTiles<T>
            {
                Kernels = c.Kernels,
                Rows = count,
                Sources = sources,
                Targets = targets,
                SourceOffsets = offsets,
                PanelRows = offsets + c.Runs,
                Taps = c.Runs,
                Depth = c.RunLength,
            };
            for (int channel = 0; channel < c.Channels; channel += c.Kernels.Width)
            {
                product.Run(packed + ((nint)channel * c.Depth), channel, Math.Min(c.Kernels.Width, c.Channels - channel), bias == null ? null : bias + channel, false);
            }
        }
    }

    // partials[slot][run, j][o] = sum over the slot's pixels of window[run, j] * gradOutput[pixel, o].
    private readonly struct GradientBody(ConvolutionWindows<T> c, T* gradOutput, T* partials) : IParallelBody
    {
        public void Invoke(int index)
        {
            T* slab = c.Threads.Scratch.Local<T>(ScratchSlot.Rows, c.SlabLength);
            int* table = c.Threads.Scratch.Local<int>(ScratchSlot.Small, 3 * c.BlockRows);
            int from = (int)((long)c.Blocks * index / c.Slots), to = (int)((long)c.Blocks * (index + 1) / c.Slots);
            for (int block = from; block < to; block++)
            {
                (int image, int row, int rows) = c.Block(block);
                c.CopyRows(image, row, rows, slab);
                for (int y = 0; y < rows; y++)
                {
                    (table[3 * y], table[(3 * y) + 1], table[(3 * y) + 2]) = (y * c.Options.StrideHeight * c.PaddedWidth, y * c.Geometry.OutputWidth, c.Geometry.OutputWidth);
                }

                T* gradient = gradOutput + ((((nint)image * c.Geometry.OutputHeight) + row) * c.Geometry.OutputWidth * c.Channels);
                AddBlock(rows, table, slab, gradient, partials + (index * c.SlotLength), block > from);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void AddBlock(int rows, int* table, T* slab, T* gradient, T* slot, bool add)
        {
            T* zeros = (T*)MicroKernels<T>.Zeros;
            int stride = c.PaddedChannels, inputs = c.Geometry.InputChannels, step = c.Options.StrideWidth * inputs;
            TileRows tiles = c.Kernels.Cut(c.RunLength);
            for (int channel = 0; channel < c.Channels; channel += c.Kernels.Width)
            {
                for (int run = 0; run < c.Runs; run++)
                {
                    T* window = slab + c.RunOffset(run), target = slot + ((nint)run * tiles.Padded * stride) + channel;
                    for (int tile = 0; tile < tiles.Tiles; tile++)
                    {
                        // The last tile may read what follows the run, and the last panel what follows the pixel: they end in sums that nobody reads.
                        int first = tiles.FirstRow(tile);
                        var outer = c.Kernels.Outer(tiles.RowsOf(tile), c.Channels - channel);
                        outer(rows, table, inputs, step, window + first, c.Channels, gradient + channel, zeros, target + ((nint)first * stride), stride, add);
                    }
                }
            }
        }
    }

    // One run: adds the slots up in order.
    private readonly struct SumBody(ConvolutionWindows<T> c, T* partials, T* gradFilter, bool accumulate) : IParallelBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int index)
        {
            int stride = c.PaddedChannels, slots = c.Slots, channels = c.Channels;
            nint slotLength = c.SlotLength;
            for (int j = 0; j < c.RunLength; j++)
            {
                T* source = partials + ((((nint)index * c.PaddedRun) + j) * stride), target = gradFilter + ((((nint)index * c.RunLength) + j) * channels);
                int o = 0;
                for (; o <= channels - Vector256<T>.Count; o += Vector256<T>.Count)
                {
                    Vector256<T> sum = Vector256<T>.Zero;
                    for (int slot = 0; slot < slots; slot++)
                    {
                        sum += Vector256.Load(source + (slot * slotLength) + o);
                    }

                    (accumulate ? Vector256.Load(target + o) + sum : sum).Store(target + o);
                }

                for (; o < channels; o++)
                {
                    T sum = T.Zero;
                    for (int slot = 0; slot < slots; slot++)
                    {
                        sum += source[(slot * slotLength) + o];
                    }

                    target[o] = accumulate ? target[o] + sum : sum;
                }
            }
        }
    }
}
