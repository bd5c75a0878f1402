using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A piece of work of <see cref="ConvolutionFilterGradient{T}"/>: one tap by some panels of output channels.</summary>
/// <param name="Tap">The tap.</param>
/// <param name="PanelFrom">The first panel.</param>
/// <param name="PanelTo">The panel after the last.</param>
internal readonly record struct FilterItem(int Tap, int PanelFrom, int PanelTo)
{
    private const int ItemsAThread = 8;

    /// <summary>Cuts the work, the heaviest first.</summary>
    /// <param name="runs">The pixel pairs of each tap.</param>
    /// <param name="panels">Panels of output channels.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static FilterItem[] Cut(TapRuns runs, int panels, int threads)
    {
        int taps = runs.Pixels.Length, busy = Math.Max(1, runs.Pixels.Count(static n => n > 0));

        // More panels an item read the input's packed pixels less often; fewer give each thread enough items.
        int splits = threads == 1 ? Math.Max(1, panels / 4) : Math.Clamp(((ItemsAThread * threads) + busy - 1) / busy, Math.Max(1, panels / 4), panels);
        var items = Enumerable.Range(0, taps * splits).Select(i => new FilterItem(i / splits, panels * (i % splits) / splits, panels * ((i % splits) + 1) / splits));
        return [.. items.OrderByDescending(item => (long)runs.Pixels[item.Tap] * (item.PanelTo - item.PanelFrom))];
    }
}

/// <summary>
/// The gradient of a convolution's filter: for each tap, gradient[tap, i, o] (+)= sum over its pixel pairs of input[pixel, i] * gradOutput[pixel', o].
/// </summary>
/// <remarks>Both operands are packed by tiles of channels; the tile of the result stays in registers while the runs of a chunk pass. No piece of work shares an output with another.</remarks>
internal readonly unsafe struct ConvolutionFilterGradient<T> where T : unmanaged, INumberBase<T>
{
    private const int PackPixels = 256;

    // Of the packed input, what stays in the second-level cache while an item's panels pass by.
    private const int BlockBytes = 384 << 10;

    public required CpuThreads Threads { get; init; }

    public required MicroKernels<T> Kernels { get; init; }

    public required TapRuns Runs { get; init; }

    public required FilterItem[] Items { get; init; }

    public required int StrideWidth { get; init; }

    public required T* Input { get; init; }

    public required int InputPixels { get; init; }

    public required int InputChannels { get; init; }

    public required T* GradOutput { get; init; }

    public required int OutputPixels { get; init; }

    public required int OutputChannels { get; init; }

    public required T* GradFilter { get; init; }

    public required bool Accumulate { get; init; }

    private int Width => Kernels.Width;

    /// <summary>Computes the whole gradient.</summary>
    public void Run()
    {
        int panels = Kernels.Panels(OutputChannels);
        T* strips = Threads.Scratch.Shared<T>(ScratchSlot.PackedLeft, (long)Kernels.Cut(InputChannels).Padded * InputPixels);
        T* packed = Threads.Scratch.Shared<T>(ScratchSlot.PackedRight, (long)panels * Width * OutputPixels);
        Threads.For((InputPixels + PackPixels - 1) / PackPixels, new PackInputBody(this, strips));
        Threads.For((OutputPixels + PackPixels - 1) / PackPixels, new PackGradientBody(this, packed));
        Threads.For(Items.Length, new ItemBody(this, strips, packed));
    }

    private void RunItem(FilterItem item, T* strips, T* packed)
    {
        T* target = GradFilter + ((nint)item.Tap * InputChannels * OutputChannels);
        int from = Runs.Taps[item.Tap], to = Runs.Taps[item.Tap + 1];
        if (from == to)
        {
            Clear(item, target);
            return;
        }

        int tiles = Kernels.Cut(InputChannels).Tiles, blockTiles = BlockBytes / TapRuns.ChunkPixels / sizeof(T) / Kernels.Height;
        fixed (int* table = Runs.Table)
        {
            for (int chunk = from; chunk < to; chunk++)
            {
                int firstRun = Runs.Chunks[chunk], runs = Runs.Chunks[chunk + 1] - firstRun;
                for (int tile = 0; tile < tiles; tile += blockTiles)
                {
                    for (int panel = item.PanelFrom; panel < item.PanelTo; panel++)
                    {
                        RunChunk(runs, table + (firstRun * 3), tile, Math.Min(tile + blockTiles, tiles), strips, packed + ((nint)panel * Width * OutputPixels), target, panel, Accumulate || chunk > from);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunChunk(int runs, int* table, int tileFrom, int tileTo, T* strips, T* packed, T* target, int panel, bool add)
    {
        int columns = Math.Min(Width, OutputChannels - (panel * Width)), width = Kernels.PanelWidth(columns);
        T* scratch = stackalloc T[TileRows.Max * width];
        T* zeros = (T*)MicroKernels<T>.Zeros;
        TileRows tiles = Kernels.Cut(InputChannels);
        for (int tile = tileFrom; tile < tileTo; tile++)
        {
            int first = tiles.FirstRow(tile), height = tiles.RowsOf(tile);
            int valid = Math.Min(height, InputChannels - first);
            bool whole = valid == height && columns == width;
            T* corner = target + ((nint)first * OutputChannels) + (panel * Width);
            var outer = Kernels.Outer(height, columns);
            outer(runs, table, height, StrideWidth * height, strips + ((nint)first * InputPixels), width, packed, zeros, whole ? corner : scratch, whole ? OutputChannels : width, whole && add);
            if (!whole)
            {
                TileStore.Merge(scratch, width, corner, OutputChannels, valid, columns, add);
            }
        }
    }

    private void Clear(FilterItem item, T* target)
    {
        if (Accumulate)
        {
            return;
        }

        int from = item.PanelFrom * Width, count = Math.Min(item.PanelTo * Width, OutputChannels) - from;
        for (int i = 0; i < InputChannels; i++)
        {
            NativeMemory.Clear(target + ((nint)i * OutputChannels) + from, (nuint)count * (nuint)sizeof(T));
        }
    }

    private readonly struct PackInputBody(ConvolutionFilterGradient<T> gradient, T* strips) : IParallelBody
    {
        public void Invoke(int index)
        {
            int pixel = index * PackPixels, count = Math.Min(PackPixels, gradient.InputPixels - pixel), channels = gradient.InputChannels;
            TileRows tiles = gradient.Kernels.Cut(channels);
            int whole = Math.Min(tiles.Full, channels / tiles.Height);
            Packing.Strips(gradient.Input + ((nint)pixel * channels), channels, count, whole, tiles.Height, strips + ((nint)pixel * tiles.Height), (nint)tiles.Height * gradient.InputPixels);
            for (int tile = whole; tile < tiles.Tiles; tile++)
            {
                int first = tiles.FirstRow(tile), height = tiles.RowsOf(tile);
                T* strip = strips + ((nint)first * gradient.InputPixels) + ((nint)pixel * height);
                Packing.Strip(gradient.Input + ((nint)pixel * channels) + first, channels, count, Math.Min(height, channels - first), height, strip);
            }
        }
    }

    private readonly struct PackGradientBody(ConvolutionFilterGradient<T> gradient, T* packed) : IParallelBody
    {
        public void Invoke(int index)
        {
            int pixel = index * PackPixels, count = Math.Min(PackPixels, gradient.OutputPixels - pixel), channels = gradient.OutputChannels;
            int whole = gradient.Width * sizeof(T) < 64 ? 0 : channels / gradient.Width;
            Packing.Panels(gradient.GradOutput + ((nint)pixel * channels), channels, count, whole, gradient.Width, packed + ((nint)pixel * gradient.Width), (nint)gradient.Width * gradient.OutputPixels);
            for (int first = whole * gradient.Width; first < channels; first += gradient.Width)
            {
                int columns = Math.Min(gradient.Width, channels - first), width = gradient.Kernels.PanelWidth(columns);
                T* destination = packed + ((nint)first * gradient.OutputPixels) + ((nint)pixel * width);
                Packing.Columns(gradient.GradOutput + ((nint)pixel * channels) + first, channels, count, columns, width, destination);
            }
        }
    }

    private readonly struct ItemBody(ConvolutionFilterGradient<T> gradient, T* strips, T* packed) : IParallelBody
    {
        public void Invoke(int index) => gradient.RunItem(gradient.Items[index], strips, packed);
    }
}
