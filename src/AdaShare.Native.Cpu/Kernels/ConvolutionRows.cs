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
/// <param name="Addresses">Where the table of addresses has its rows, those that fill up its last tile included.</param>
/// <param name="PanelFrom">The first panel.</param>
/// <param name="PanelTo">The panel after the last.</param>
internal readonly record struct RowItem(int Class, int First, int Count, int Addresses, int PanelFrom, int PanelTo);

/// <summary>The pieces of work of one direction of a convolution, the heaviest first.</summary>
/// <param name="Classes">The classes of destination pixels.</param>
/// <param name="Items">The pieces where all panels are packed beforehand.</param>
/// <param name="Blocks">The pieces without regard to panels.</param>
/// <param name="Addresses">The rows of the table of addresses.</param>
/// <param name="UsedTaps">The taps that some class has, ascending.</param>
/// <param name="GroupPanels">
/// Where few pixels meet many weights, the panels that one thread packs and uses at a time, so that the filter is read once and taps that nobody needs never; else 0.
/// </param>
internal sealed record RowSchedule(TapClass[] Classes, RowItem[] Items, RowItem[] Blocks, int Addresses, int[] UsedTaps, int GroupPanels)
{
    // Rows of 256 floats are 288 KiB: they stay in the second-level cache while all panels pass by.
    private const int MaxBlockRows = 288;
    private const int MinBlockRows = 24;

    // With few pixels reading the filter dominates.
    private const int FewPixels = 1500;
    private const int ItemsAThread = 8;

    // A group of panels reads long runs of each row of the filter, and reads the source's rows once for all of them.
    private const int MaxGroupPanels = 4;

    /// <summary>Cuts the work.</summary>
    /// <param name="classes">The classes of destination pixels.</param>
    /// <param name="panels">Panels of destination channels.</param>
    /// <param name="height">Rows of the largest tile.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static RowSchedule Of(List<TapClass> classes, int panels, int height, int threads)
    {
        int rows = classes.Sum(c => TileRows.Of(c.Targets.Length, height).Padded);
        int blockRows = threads == 1 ? MaxBlockRows : (int)Math.Clamp((long)rows * panels / (ItemsAThread * threads), MinBlockRows, MaxBlockRows);
        List<RowItem> blocks = [];
        int addresses = 0;
        for (int c = 0; c < classes.Count; c++)
        {
            int pixels = classes[c].Targets.Length;
            int count = (pixels + blockRows - 1) / blockRows;
            int size = count == 0 ? 0 : (pixels + (count * height) - 1) / (count * height) * height;
            for (int first = 0; first < pixels; first += size)
            {
                int length = Math.Min(size, pixels - first);
                blocks.Add(new RowItem(c, first, length, addresses, 0, panels));
                addresses += TileRows.Of(length, height).Padded;
            }
        }

        int splits = threads == 1 || blocks.Count == 0 ? 1 : Math.Clamp((ItemsAThread * threads) / blocks.Count, 1, panels);
        IEnumerable<RowItem> items = blocks.SelectMany(block => Enumerable.Range(0, splits).Select(s => block with { PanelFrom = panels * s / splits, PanelTo = panels * (s + 1) / splits }));
        RowItem[] heaviestFirst = [.. items.OrderByDescending(item => (long)item.Count * classes[item.Class].Taps.Length * (item.PanelTo - item.PanelFrom))];
        int[] used = [.. classes.SelectMany(c => c.Taps).Distinct().Order()];
        bool fewPixels = classes.Sum(c => c.Targets.Length) <= FewPixels && panels >= 4 * threads;
        return new RowSchedule([.. classes], heaviestFirst, [.. blocks], addresses, used, fewPixels ? Math.Clamp(panels / (4 * threads), 1, MaxGroupPanels) : 0);
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

    // Wide sources go tap by tap: one tap of a group of panels stays in the second-level cache.
    private int TapsAtOnce => Math.Max(1, ChunkDepth / SourceChannels);

    /// <summary>Computes the whole target.</summary>
    public void Run()
    {
        T** addresses = (T**)Threads.Scratch.Shared<nint>(ScratchSlot.Pointers, 2 * Schedule.Addresses);
        if (Schedule.GroupPanels > 0)
        {
            for (int block = 0; block < Schedule.Blocks.Length; block++)
            {
                FillAddresses(Schedule.Blocks[block], addresses);
            }

            Threads.For((Panels + Schedule.GroupPanels - 1) / Schedule.GroupPanels, new GroupBody(this, addresses));
            return;
        }

        T* packed = Threads.Scratch.Shared<T>(ScratchSlot.PackedRight, Panels * PanelLength);
        Threads.For((Panels * Schedule.UsedTaps.Length) + Schedule.Blocks.Length, new PrepareBody(this, packed, addresses));
        Threads.For(Schedule.Items.Length, new ItemBody(this, packed, addresses));
    }

    /// <summary>Writes the addresses of a block's source rows, and of its target rows after those of all blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillAddresses(RowItem block, T** addresses)
    {
        TapClass c = Schedule.Classes[block.Class];
        T** sources = addresses + block.Addresses, targets = sources + Schedule.Addresses;
        for (int row = 0; row < block.Count; row++)
        {
            sources[row] = Source + ((nint)c.Sources[block.First + row] * SourceChannels);
            targets[row] = Target + ((nint)c.Targets[block.First + row] * TargetChannels);
        }

        TileRows tiles = Kernels.Cut(block.Count);
        RowTiles<T>.Pad(tiles, block.Count, sources);
        RowTiles<T>.Pad(tiles, block.Count, targets);
    }

    /// <summary>Packs one tap of a panel.</summary>
    private void PackTap(int panel, int tap, T* destination)
    {
        int first = panel * Width, valid = Math.Min(Width, TargetChannels - first), width = Kernels.PanelWidth(valid);
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
    /// <param name="addresses">The table of addresses.</param>
    /// <param name="tapFrom">The first of the class's taps to multiply.</param>
    /// <param name="tapTo">The tap after the last.</param>
    /// <param name="packed">The first of the panels, each <paramref name="panelLength"/> long.</param>
    /// <param name="panelLength">Elements of a panel.</param>
    /// <param name="packedTap">The tap with which packed panels begin.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(RowItem item, T** addresses, int tapFrom, int tapTo, T* packed, nint panelLength, int packedTap)
    {
        TapClass c = Schedule.Classes[item.Class];

        // A row length that is a multiple of the page maps all rows to the same cache sets, so each chunk takes less of each.
        int tapsAtOnce = Math.Min(TapsAtOnce, tapTo - tapFrom);
        int depthAtOnce = SourceChannels <= ChunkDepth * 3 / 2 ? SourceChannels : SourceChannels % 1024 == 0 ? ChunkDepth / 2 : ChunkDepth;
        nint* offsets = Threads.Scratch.Local<nint>(ScratchSlot.Small, 2 * tapsAtOnce);
        for (int tap = tapFrom; tap < tapTo; tap += tapsAtOnce)
        {
            int taps = Math.Min(tapsAtOnce, tapTo - tap);
            for (int k = 0; k < SourceChannels; k += depthAtOnce)
            {
                for (int t = 0; t < taps; t++)
                {
                    offsets[t] = ((nint)c.Shifts[tap + t] * SourceChannels) + k;
                    offsets[tapsAtOnce + t] = ((nint)(c.Taps[tap + t] - packedTap) * SourceChannels) + k;
                }

                bool isFirst = tap == 0 && k == 0;
                var rows = new RowTiles<T>
                {
                    Kernels = Kernels,
                    Rows = item.Count,
                    Sources = addresses + item.Addresses,
                    Targets = addresses + Schedule.Addresses + item.Addresses,
                    SourceOffsets = offsets,
                    PanelRows = offsets + tapsAtOnce,
                    Taps = taps,
                    Depth = Math.Min(depthAtOnce, SourceChannels - k),
                };
                for (int panel = item.PanelFrom; panel < item.PanelTo; panel++)
                {
                    int channel = panel * Width;
                    T* initial = isFirst && Initial != null ? Initial + channel : null;
                    rows.Run(packed + ((panel - item.PanelFrom) * panelLength), channel, Math.Min(Width, TargetChannels - channel), initial, Accumulate || !isFirst);
                }
            }
        }
    }

    // Pixels without taps.
    private void FillItem(RowItem item)
    {
        TapClass c = Schedule.Classes[item.Class];
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

    private readonly struct PrepareBody(ConvolutionRows<T> rows, T* packed, T** addresses) : IParallelBody
    {
        public void Invoke(int index)
        {
            int taps = rows.Schedule.UsedTaps.Length, block = index - (rows.Panels * taps);
            if (block >= 0)
            {
                rows.FillAddresses(rows.Schedule.Blocks[block], addresses);
                return;
            }

            int panel = index / taps, tap = rows.Schedule.UsedTaps[index % taps], width = rows.Kernels.PanelWidth(rows.TargetChannels - (panel * rows.Width));
            rows.PackTap(panel, tap, packed + (panel * rows.PanelLength) + ((nint)tap * rows.SourceChannels * width));
        }
    }

    private readonly struct ItemBody(ConvolutionRows<T> rows, T* packed, T** addresses) : IParallelBody
    {
        public void Invoke(int index)
        {
            RowItem item = rows.Schedule.Items[index];
            int taps = rows.Schedule.Classes[item.Class].Taps.Length;
            if (taps == 0)
            {
                rows.FillItem(item);
            }
            else
            {
                rows.Multiply(item, addresses, 0, taps, packed + (item.PanelFrom * rows.PanelLength), rows.PanelLength, 0);
            }
        }
    }

    // Some panels: packs and multiplies one tap after the other, or all of them where the source is narrow.
    private readonly struct GroupBody(ConvolutionRows<T> rows, T** addresses) : IParallelBody
    {
        public void Invoke(int index)
        {
            int from = index * rows.Schedule.GroupPanels, to = Math.Min(from + rows.Schedule.GroupPanels, rows.Panels);
            foreach (RowItem block in rows.Schedule.Blocks)
            {
                if (rows.Schedule.Classes[block.Class].Taps.Length == 0)
                {
                    rows.FillItem(block with { PanelFrom = from, PanelTo = to });
                }
            }

            if (rows.TapsAtOnce > 1)
            {
                Multiply(from, to, rows.Schedule.UsedTaps);
                return;
            }

            for (int i = 0; i < rows.Schedule.UsedTaps.Length; i++)
            {
                Multiply(from, to, rows.Schedule.UsedTaps.AsSpan(i, 1));
            }
        }

        private void Multiply(int from, int to, ReadOnlySpan<int> taps)
        {
            if (taps.IsEmpty)
            {
                return;
            }

            nint panelLength = (nint)(taps[^1] - taps[0] + 1) * rows.SourceChannels * rows.Width;
            T* packed = rows.Threads.Scratch.Local<T>(ScratchSlot.Panel, (to - from) * panelLength);
            foreach (int tap in taps)
            {
                int panel = from, whole = rows.Transposed || rows.Width * sizeof(T) < 64 ? from : Math.Min(to, rows.TargetChannels / rows.Width);
                if (whole > from)
                {
                    T* filter = rows.Filter + ((nint)tap * rows.SourceChannels * rows.TargetChannels) + (from * rows.Width);
                    Packing.Panels(filter, rows.TargetChannels, rows.SourceChannels, whole - from, rows.Width, packed + ((nint)(tap - taps[0]) * rows.SourceChannels * rows.Width), panelLength);
                    panel = whole;
                }

                for (; panel < to; panel++)
                {
                    int width = rows.Kernels.PanelWidth(rows.TargetChannels - (panel * rows.Width));
                    rows.PackTap(panel, tap, packed + ((panel - from) * panelLength) + ((nint)(tap - taps[0]) * rows.SourceChannels * width));
                }
            }

            foreach (RowItem block in rows.Schedule.Blocks)
            {
                int[] own = rows.Schedule.Classes[block.Class].Taps;
                int tapFrom = taps.Length == 1 ? Array.BinarySearch(own, taps[0]) : 0;
                if (tapFrom >= 0 && own.Length > 0)
                {
                    rows.Multiply(block with { PanelFrom = from, PanelTo = to }, addresses, tapFrom, taps.Length == 1 ? tapFrom + 1 : own.Length, packed, panelLength, taps[0]);
                }
            }
        }
    }
}
