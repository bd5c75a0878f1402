namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>
/// The address space of the device. An address is never given out twice, so that an access to freed memory is always seen as one.
/// </summary>
internal sealed class DeviceMemory : IDisposable
{
    private const int PageShift = 16;
    private const ulong Guard = 4096;

    private readonly Lock _lock = new();
    private readonly List<MemoryRegion?> _pages = [];
    private readonly HashSet<MemoryRegion> _live = [];
    private int _count;

    /// <summary>Bytes that are allocated.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The most bytes that were allocated at a time.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>The allocations that were not freed.</summary>
    public IReadOnlyList<MemoryRegion> Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _live.OrderBy(static region => region.Start)];
            }
        }
    }

    /// <summary>Takes so many bytes, with room around that belongs to nobody.</summary>
    public MemoryRegion Allocate(long bytes, string what)
    {
        lock (_lock)
        {
            ulong start = AddressWindows.Device + ((ulong)_pages.Count << PageShift);
            var region = new MemoryRegion($"{what} {++_count} of {bytes} bytes", start, bytes, ByteState.Allocated);
            ulong end = start + (ulong)bytes + Guard;
            while (AddressWindows.Device + ((ulong)_pages.Count << PageShift) < end)
            {
                _pages.Add(region);
            }

            _live.Add(region);
            LiveBytes += bytes;
            PeakBytes = Math.Max(PeakBytes, LiveBytes);
            return region;
        }
    }

    /// <summary>The allocation at an address, freed ones included; null where there never was one. An address just behind an allocation finds it, too.</summary>
    public MemoryRegion? Find(ulong address)
    {
        ulong page = (address - AddressWindows.Device) >> PageShift;
        return page < (ulong)_pages.Count ? _pages[(int)page] : null;
    }

    /// <summary>Frees an allocation.</summary>
    public void Free(MemoryRegion region)
    {
        lock (_lock)
        {
            if (_live.Remove(region))
            {
                LiveBytes -= region.Size;
                region.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryRegion region in Live)
        {
            Free(region);
        }
    }
}
