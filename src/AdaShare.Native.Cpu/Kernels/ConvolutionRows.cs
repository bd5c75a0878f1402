using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A piece of work of <see cref="ConvolutionRows{T}"/>: some destination pixels of a class by some panels of channels.</summary>
/// <param name="Class">The index of the class.</param>
/// <param name="First">The first pixel within the class.</param>
/// <param name="Count">The number of pixels.</param>
/// <param name="PanelFrom">The first panel.</param>
/// <param name="PanelTo">The panel after the last.</param>
internal readonly record struct RowItem(int Class, int First, int Count, int PanelFrom, int PanelTo);

/// <summary>The pieces of work of one direction of a convolution, the heaviest first.</summary>
/// <param name="Classes">The classes of destination pixels.</param>
/// <param name="Items">The pieces where all panels are packed beforehand.</param>
/// <param name="Blocks">The pieces that each panel goes through where panels are packed one at a time.</param>
/// <param name="UsedTaps">The taps that some class has.</param>
/// <param name="PackInside">Whether each panel is packed by the thread that uses it: the filter is read once, and taps that nobody needs never.</param>
internal sealed record RowSchedule(TapClass[] Classes, RowItem[] Items, RowItem[] Blocks, int[] UsedTaps, bool PackInside)
{
    // 288 rows of 256 floats are 288 KiB: they stay in the second-level cache while all panels pass by.
    private const int MaxBlockTiles = 48;

    // With few pixels reading the filter dominates.
    private const int FewPixels = 1500;
    private const int ItemsAThread = 8;

    /// <summary>Cuts the work.</summary>
    /// <param name="classes">The classes of destination pixels.</param>
    /// <param name="panels">Panels of destination channels.</param>
    /// <param name="height">Rows of the largest tile.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static RowSchedule Of(List<TapClass> classes, int panels, int height, int threads)
    {
        int tiles = classes.Sum(c => TileRows.Of(c.Targets.Length, height).Tiles);
        int blockTiles = threads == 1 ? MaxBlockTiles : Math.Clamp(tiles * panels / (ItemsAThread * threads), 4, MaxBlockTiles);
        List<RowItem> blocks = [];
        for (int c = 0; c < classes.Count; c++)
        {
            int pixels = classes[c].Targets.Length;
            int count = (TileRows.Of(pixels, height).Tiles + blockTiles - 1) / blockTiles;
            int size = count == 0 ? 0 : (pixels + (count * height) - 1) / (count * height) * height;
            for (int first = 0; first < pixels; first += size)
            {
                blocks.Add(new RowItem(c, first, Math.Min(size, pixels - first), 0, panels));
            }
        }

        int splits = threads == 1 || blocks.Count == 0 ? 1 : Math.Clamp((ItemsAThread * threads) / blocks.Count, 1, panels);
        IEnumerable<RowItem> items = blocks.SelectMany(block => Enumerable.Range(0, splits).Select(s => block with { PanelFrom = panels * s / splits, PanelTo = panels * (s + 1) / splits }));
        RowItem[] heaviestFirst = [.. items.OrderByDescending(item => (long)item.Count * classes[item.Class].Taps.Length * (item.PanelTo - item.PanelFrom))];
        int[] used = [.. classes.SelectMany(c => c.Taps).Distinct().Order()];
        bool packInside = classes.Sum(c => c.Targets.Length) <= FewPixels && panels >= 4 * threads;
        return new RowSchedule([.. classes], heaviestFirst, [.. blocks], used, packInside);
    }
}

/// <summary>
/// Convolution as an indirect matrix product over pixels and channels, forward and for the gradient of the input: for each class of destination pixels,
/// target[pixel, c] (+)= initial[c] + sum over its taps and the source's channels of source[pixel + shift, k] * filter[tap, k, c].
/// </summary>
/// <remarks>
/// M. Dukhan: "The indirect convolution algorithm" (2019), with one offset a tap instead of a table of addresses. Additions into one element go by tap, then by channel, in fixed chunks.
/// </remarks>
internal readonly unsafe struct ConvolutionRows<T> where T : unmanaged, INumberBase<T>
{
    private const int ChunkDepth = 256;

    public required CpuThreads Threads { get; init; }

    public required MicroKernels<T> Kernels { get; init; }

    public required RowSchedule Schedule { get; init; }

    public required int TapCount { get; init; }

    public required T* Source { get; init; }

    public required int SourceChannels { get; init; }

    /// <summary>The filter, HWIO. A target channel is an output channel of the filter, or an input channel where <see cref="Transposed"/>.</summary>
    public required T* Filter { get; init; }

    public required bool Transposed { get; init; }

    /// <summary>One number a target channel, or null.</summary>
    public required T* Initial { get; init; }

    public required T* Target { get; init; }

    public required int TargetChannels { get; init; }

    public required bool Accumulate { get; init; }

    private int Width => Kernels.Width;

    private int Panels => Kernels.Panels(TargetChannels);

    private nint PanelLength => (nint)TapCount * SourceChannels * Width;

    /// <summary>Computes the whole target.</summary>
    public void Run()
    {
        if (Schedule.PackInside)
        {
            Threads.For(Panels, new PanelBody(this));
            return;
        }

        T* packed = Threads.Scratch.Shared<T>(ScratchSlot.PackedRight, Panels * PanelLength);
        Threads.For(Panels * Schedule.UsedTaps.Length, new PackBody(this, packed));
        Threads.For(Schedule.Items.Length, new ItemBody(this, packed));
    }

    private void PackTap(int panel, int tap, T* target)
    {
        int first = panel * Width, valid = Math.Min(Width, TargetChannels - first), width = Kernels.PanelWidth(valid);
        T* destination = target + ((nint)tap * SourceChannels * width);
        T* filter = Filter + ((nint)tap * SourceChannels * TargetChannels);
        if (Transposed)
        {
            Packing.TransposedColumns(filter + ((nint)first * SourceChannels), SourceChannels, SourceChannels, valid, width, destination);
        }
        else
        {
            Packing.Columns(filter + first, TargetChannels, SourceChannels, valid, width, destination);
        }
    }

    /// <param name="item">The pixels and panels.</param>
    /// <param name="packed">The first of the panels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunItem(RowItem item, T* packed)
    {
        TapClass c = Schedule.Classes[item.Class];
        if (c.Taps.Length == 0)
        {
            FillItem(c, item);
            return;
        }

        TileRows tiles = Kernels.Cut(item.Count);
        T** sources = (T**)Threads.Scratch.Local<nint>(ScratchSlot.Pointers, 2 * tiles.Padded);
        T** targets = sources + tiles.Padded;
        for (int row = 0; row < item.Count; row++)
        {
            sources[row] = Source + ((nint)c.Sources[item.First + row] * SourceChannels);
            targets[row] = Target + ((nint)c.Targets[item.First + row] * TargetChannels);
        }

        RowTiles<T>.Pad(tiles, item.Count, sources);
        RowTiles<T>.Pad(tiles, item.Count, targets);
        Multiply(c, item, sources, targets, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(TapClass c, RowItem item, T** sources, T** targets, T* packed)
    {
        // Narrow sources take several taps at once; a row length that is a multiple of the page maps all rows to the same cache sets, so it takes less of each.
        int tapsAtOnce = Math.Clamp(ChunkDepth / SourceChannels, 1, c.Taps.Length);
        int depthAtOnce = SourceChannels <= ChunkDepth * 3 / 2 ? SourceChannels : SourceChannels % 1024 == 0 ? ChunkDepth / 2 : ChunkDepth;
        nint* offsets = Threads.Scratch.Local<nint>(ScratchSlot.Small, 2 * tapsAtOnce);
        for (int tap = 0; tap < c.Taps.Length; tap += tapsAtOnce)
        {
            int taps = Math.Min(tapsAtOnce, c.Taps.Length - tap);
            for (int k = 0; k < SourceChannels; k += depthAtOnce)
            {
                for (int t = 0; t < taps; t++)
                {
                    offsets[t] = ((nint)c.Shifts[tap + t] * SourceChannels) + k;
                    offsets[tapsAtOnce + t] = ((nint)c.Taps[tap + t] * SourceChannels) + k;
                }

                bool isFirst = tap == 0 && k == 0;
                var rows = new RowTiles<T>
                {
                    Kernels = Kernels,
                    Rows = item.Count,
                    Sources = sources,
                    Targets = targets,
                    SourceOffsets = offsets,
                    PanelRows = offsets + tapsAtOnce,
                    Taps = taps,
                    Depth = Math.Min(depthAtOnce, SourceChannels - k),
                };
                for (int panel = item.PanelFrom; panel < item.PanelTo; panel++)
                {
                    int channel = panel * Width;
                    T* initial = isFirst && Initial != null ? Initial + channel : null;
                    rows.Run(packed + ((panel - item.PanelFrom) * PanelLength), channel, Math.Min(Width, TargetChannels - channel), initial, Accumulate || !isFirst);
                }
            }
        }
    }

    private void FillItem(TapClass c, RowItem item)
    {
        int from = item.PanelFrom * Width, count = Math.Min(item.PanelTo * Width, TargetChannels) - from;
        for (int i = item.First; i < item.First + item.Count; i++)
        {
            T* row = Target + ((nint)c.Targets[i] * TargetChannels) + from;
            T* initial = Initial != null ? Initial + from : null;
            if (!Accumulate)
            {
                new Span<T>(row, count).Clear();
            }

            for (int k = 0; initial != null && k < count; k++)
            {
                row[k] += initial[k];
            }
        }
    }

    private readonly struct PackBody(ConvolutionRows<T> rows, T* packed) : IParallelBody
    {
        public void Invoke(int index)
        {
            int panel = index / rows.Schedule.UsedTaps.Length;
            rows.PackTap(panel, rows.Schedule.UsedTaps[index % rows.Schedule.UsedTaps.Length], packed + (panel * rows.PanelLength));
        }
    }

    private readonly struct ItemBody(ConvolutionRows<T> rows, T* packed) : IParallelBody
    {
        public void Invoke(int index)
        {
            RowItem item = rows.Schedule.Items[index];
            rows.RunItem(item, packed + (item.PanelFrom * rows.PanelLength));
        }
    }

    private readonly struct PanelBody(ConvolutionRows<T> rows) : IParallelBody
    {
        public void Invoke(int index)
        {
            T* packed = rows.Threads.Scratch.Local<T>(ScratchSlot.Panel, rows.PanelLength);
            foreach (int tap in rows.Schedule.UsedTaps)
            {
                rows.PackTap(index, tap, packed);
            }

            foreach (RowItem block in rows.Schedule.Blocks)
            {
                rows.RunItem(block with { PanelFrom = index, PanelTo = index + 1 }, packed);
            }
        }
    }
}
