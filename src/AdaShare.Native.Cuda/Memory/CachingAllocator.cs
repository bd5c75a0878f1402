using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>
/// The memory of one stream: large allocations of the driver, cut into blocks by best fit, joined again when neighbours are free, and kept until they are trimmed.
/// </summary>
/// <remarks>
/// A block that is returned may be rented again at once: whoever gets it uses it later in the same stream. Sizes are PyTorch's (c10/cuda/CUDACachingAllocator): blocks are multiples of
/// 512 bytes; up to 1 MiB they come from segments of 2 MiB, up to 10 MiB from segments of 20 MiB, above that from segments of their own, rounded to 2 MiB.
/// </remarks>
internal sealed class CachingAllocator(CudaDevice device, StreamClock clock, long? limit) : IDisposable
{
    /// <summary>Blocks are multiples of so many bytes, and start at such multiples.</summary>
    public const int Granularity = 512;

    private const long SmallBlock = 1 << 20;
    private const long SmallSegment = 2 << 20;
    private const long MiddleBlock = 10 << 20;
    private const long MiddleSegment = 20 << 20;
    private const long LargeRounding = 2 << 20;

    private static readonly Comparer<MemoryBlock> BestFit = Comparer<MemoryBlock>.Create(
        static (a, b) => a.Size != b.Size ? a.Size.CompareTo(b.Size) : a.Address.CompareTo(b.Address));

    private readonly SortedSet<MemoryBlock> _small = new(BestFit);
    private readonly SortedSet<MemoryBlock> _large = new(BestFit);
    private readonly HashSet<MemorySegment> _segments = [];
    private int _liveBuffers;
    private long _liveBytes;
    private long _peakBytes;
    private long _reservedBytes;
    private long _driverAllocations;
    private bool _disposed;

    /// <summary>Called before memory goes back to the driver, so that nothing that is yet to run uses it.</summary>
    public Action? BeforeFree { get; set; }

    /// <summary>What may have used up the memory, for the error that there is none left.</summary>
    public Func<string>? OutOfMemoryHint { get; set; }

    /// <summary>Told which bytes become a buffer (true) and which become nobody's (false), or null.</summary>
    public Action<bool, ulong, long>? Observer { get; set; }

    /// <summary>What is allocated now. Free parts of segments that are partly held count as cached.</summary>
    public MemoryStatistics Statistics => new(_liveBuffers, _liveBytes, _peakBytes, _reservedBytes - _liveBytes, _driverAllocations);

    /// <summary>A block with arbitrary content.</summary>
    /// <param name="byteLength">0 or more.</param>
    /// <exception cref="DeviceException">The device, or the limit, has no room even after all cached memory is given back.</exception>
    public MemoryBlock Rent(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteLength, long.MaxValue / 2);
        ObjectDisposedException.ThrowIf(_disposed, this);
        device.Activate();
        long size = RoundUp(Math.Max(1, byteLength), Granularity);
        MemoryBlock block = TakeCached(size) ?? NewSegment(size);
        Split(block, size);
        block.IsFree = false;
        block.IsStaged = false;
        block.IsTouched = false;
        _liveBuffers++;
        _liveBytes += block.Size;
        _peakBytes = Math.Max(_peakBytes, _liveBytes);
        if (Observer is { } observer)
        {
            observer(true, block.Address, byteLength);
            block.LastUse = clock.Last;
        }

        return block;
    }

    /// <summary>Takes a block back.</summary>
    public void Return(MemoryBlock block)
    {
        if (_disposed)
        {
            // All memory has gone back to the driver, and the driver's context with it: a holder that lets go later has nothing to return.
            return;
        }

        if (block.IsFree)
        {
            throw new InvalidOperationException($"{device.Label}: a block was returned twice");
        }

        if (block.IsStaged && !device.IsLost)
        {
            // The next copy into this memory waits for the work so far, not for what will be launched until then.
            clock.Mark();
        }

        if (!device.IsLost)
        {
            Observer?.Invoke(false, block.Address, block.Size);
        }

        block.LastUse = clock.Last;
        _liveBuffers--;
        _liveBytes -= block.Size;
        MemoryBlock free = Join(block);
        free.IsFree = true;
        Free(free.Segment).Add(free);
    }

    /// <summary>Starts the peak anew from what is live now.</summary>
    public void ResetPeak() => _peakBytes = _liveBytes;

    /// <summary>Gives segments that nobody uses any part of back to the driver.</summary>
    /// <returns>The bytes given back.</returns>
    public long Trim()
    {
        MemoryBlock[] whole = [.. _small.Concat(_large).Where(static block => block.IsWhole)];
        if (whole.Length == 0)
        {
            return 0;
        }

        BeforeFree?.Invoke();
        device.Synchronize("waiting before memory is given back");
        clock.Synchronized();
        foreach (MemoryBlock block in whole)
        {
            Free(block.Segment).Remove(block);
            _segments.Remove(block.Segment);
            _reservedBytes -= block.Size;
            device.Check("cuMemFree", device.Driver.MemFree(block.Address));
        }

        return whole.Sum(static block => block.Size);
    }

    /// <summary>Gives all memory back, held blocks too: tensors of a disposed backend must not be used.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (MemorySegment segment in _segments)
        {
            device.Driver.MemFree(segment.Address);
        }

        _segments.Clear();
        _small.Clear();
        _large.Clear();
    }

    private static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    private SortedSet<MemoryBlock> Free(MemorySegment segment) => segment.IsSmall ? _small : _large;

    private MemoryBlock? TakeCached(long size)
    {
        bool small = size <= SmallBlock;
        SortedSet<MemoryBlock> free = small ? _small : _large;
        var wanted = new MemoryBlock(new MemorySegment(0, size, small), 0, size);
        MemoryBlock? best = free.GetViewBetween(wanted, new MemoryBlock(wanted.Segment, ulong.MaxValue, long.MaxValue)).Min;
        if (best is not null)
        {
            free.Remove(best);
        }

        return best;
    }

    /// <summary>Cuts the rest off a block where it is worth keeping.</summary>
    private void Split(MemoryBlock block, long size)
    {
        long rest = block.Size - size;
        if (block.Segment.IsSmall ? rest < Granularity : rest <= SmallBlock)
        {
            return;
        }

        var tail = new MemoryBlock(block.Segment, block.Address + (ulong)size, rest) { IsFree = true, LastUse = block.LastUse, Previous = block, Next = block.Next };
        if (tail.Next is { } next)
        {
            next.Previous = tail;
        }

        block.Next = tail;
        block.Size = size;
        Free(block.Segment).Add(tail);
    }

    /// <summary>Joins a block with its free neighbours.</summary>
    private MemoryBlock Join(MemoryBlock block)
    {
        if (block.Next is { IsFree: true } next)
        {
            Free(next.Segment).Remove(next);
            Absorb(block, next);
        }

        if (block.Previous is { IsFree: true } previous)
        {
            Free(previous.Segment).Remove(previous);
            Absorb(previous, block);
            return previous;
        }

        return block;
    }

    private static void Absorb(MemoryBlock block, MemoryBlock next)
    {
        block.Size += next.Size;
        block.LastUse = Math.Max(block.LastUse, next.LastUse);
        block.Next = next.Next;
        if (block.Next is { } after)
        {
            after.Previous = block;
        }
    }

    private MemoryBlock NewSegment(long size)
    {
        bool small = size <= SmallBlock;
        long bytes = small ? SmallSegment : size <= MiddleBlock ? MiddleSegment : RoundUp(size, LargeRounding);
        CudaResult result = Allocate(bytes, out ulong address);
        if (result == CudaResult.OutOfMemory && Trim() > 0)
        {
            result = Allocate(bytes, out address);
        }

        if (result == CudaResult.OutOfMemory)
        {
            throw OutOfMemory(size, bytes);
        }

        device.Check($"cuMemAlloc of {bytes} bytes", result);
        var segment = new MemorySegment(address, bytes, small);
        _segments.Add(segment);
        _reservedBytes += bytes;
        _driverAllocations++;
        Observer?.Invoke(false, address, bytes);
        return new MemoryBlock(segment, address, bytes);
    }

    private CudaResult Allocate(long bytes, out ulong address)
    {
        address = 0;
        return limit is { } most && _reservedBytes + bytes > most ? CudaResult.OutOfMemory : device.Driver.MemAlloc(out address, (nuint)bytes);
    }

    private DeviceException OutOfMemory(long size, long bytes)
    {
        string room = limit is { } most
            ? $"the limit is {most} bytes"
            : device.Driver.MemGetInfo(out nuint free, out nuint total) == CudaResult.Success ? $"{free} of {total} bytes are free" : $"the device has {device.TotalBytes} bytes";
        return new DeviceException(
            $"{device.Label}: no memory for a buffer of {size} bytes (a segment of {bytes}): {room}, {_liveBytes} bytes are live in {_liveBuffers} buffers, " +
            $"{_reservedBytes - _liveBytes} bytes are cached in between; use a smaller batch or crop{OutOfMemoryHint?.Invoke()}");
    }
}
