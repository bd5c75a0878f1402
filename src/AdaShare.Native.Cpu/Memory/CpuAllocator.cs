using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>
/// The backend's memory: native blocks aligned to 64 bytes, in size classes, kept for reuse when they are freed.
/// </summary>
/// <remarks>
/// With poison on, all bytes of a block start as 255 and those after the requested length must still be so when it comes back: a kernel that writes past the end of a tensor is found out.
/// Every block has <see cref="Slack"/> more bytes than its size, so that a vector load at the end of a tensor stays inside the block.
/// </remarks>
internal sealed unsafe class CpuAllocator(bool poison) : IDisposable
{
    /// <summary>The alignment of blocks in bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    /// <summary>Readable bytes after the end of each block; their content is arbitrary and must not reach a result.</summary>
    public const int Slack = 256;

    // No address space has more, and sums with it don't overflow.
    private const long MostBytes = 1L << 56;

    private const byte Poison = 0xFF;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Stack<nint>> _free = [];
    private readonly HashSet<nint> _live = [];
    private int _liveBuffers;
    private long _liveBytes;
    private long _peakBytes;
    private long _cachedBytes;
    private long _workspaceBytes;
    private long _systemAllocations;
    private bool _disposed;

    /// <summary>What may have used up the memory, for the error that there is none left.</summary>
    public Func<string>? OutOfMemoryHint { get; init; }

    /// <summary>What is allocated now. Blocks count with the size of their class; workspaces of kernels count as cached.</summary>
    public MemoryStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return new MemoryStatistics(_liveBuffers, _liveBytes, _peakBytes, _cachedBytes + _workspaceBytes, _systemAllocations);
            }
        }
    }

    /// <summary>A block for a tensor: a cached one of its class, or a new one.</summary>
    /// <param name="byteLength">0 or more.</param>
    /// <exception cref="DeviceException">The system has no more memory.</exception>
    public byte* Rent(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        if (byteLength > MostBytes)
        {
            throw OutOfMemory(byteLength);
        }

        long size = SizeClasses.RoundUp(byteLength);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            byte* block;
            if (_free.TryGetValue(size, out Stack<nint>? blocks) && blocks.TryPop(out nint cached))
            {
                block = (byte*)cached;
                _cachedBytes -= size;
            }
            else
            {
                block = AllocateFromSystem(size);
            }

            _live.Add((nint)block);
            _liveBuffers++;
            _liveBytes += size;
            _peakBytes = Math.Max(_peakBytes, _liveBytes);
            return block;
        }
    }

    /// <summary>Takes a block back; it may be handed out again at once.</summary>
    /// <param name="block">From <see cref="Rent"/>.</param>
    /// <param name="byteLength">The size that was asked for.</param>
    public void Return(byte* block, long byteLength)
    {
        long size = SizeClasses.RoundUp(byteLength);
        lock (_lock)
        {
            if (_disposed)
            {
                // Dispose has given all live blocks to the system; a holder that lets go later has nothing to return.
                return;
            }

            if (!_live.Remove((nint)block))
            {
                throw new InvalidOperationException("cpu: a block was returned twice, or is none of this allocator's");
            }

            CheckTail(block, byteLength, size);
            Fill(block, size);
            if (!_free.TryGetValue(size, out Stack<nint>? blocks))
            {
                _free.Add(size, blocks = new Stack<nint>());
            }

            blocks.Push((nint)block);
            _cachedBytes += size;
            _liveBuffers--;
            _liveBytes -= size;
        }
    }

    /// <summary>Memory that a kernel keeps between calls; not a live buffer.</summary>
    public byte* AllocateWorkspace(long byteLength)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            byte* block = AllocateFromSystem(byteLength);
            _workspaceBytes += byteLength;
            return block;
        }
    }

    /// <summary>Gives a workspace back to the system.</summary>
    public void FreeWorkspace(byte* block, long byteLength)
    {
        lock (_lock)
        {
            NativeMemory.AlignedFree(block);
            _workspaceBytes -= byteLength;
        }
    }

    /// <summary>Gives every cached block back to the system.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            TrimLocked();
        }
    }

    /// <summary>Starts the peak anew from what is live now.</summary>
    public void ResetPeak()
    {
        lock (_lock)
        {
            _peakBytes = _liveBytes;
        }
    }

    /// <summary>Gives all memory back, live blocks too: tensors of a disposed backend must not be used.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            TrimLocked();
            foreach (nint block in _live)
            {
                NativeMemory.AlignedFree((void*)block);
            }

            _live.Clear();
            _liveBuffers = 0;
            _liveBytes = 0;
        }
    }

    private void TrimLocked()
    {
        foreach (Stack<nint> blocks in _free.Values)
        {
            while (blocks.TryPop(out nint block))
            {
                NativeMemory.AlignedFree((void*)block);
            }
        }

        _free.Clear();
        _cachedBytes = 0;
    }

    private byte* AllocateFromSystem(long size)
    {
        byte* block = TryAllocate(size);
        if (block == null)
        {
            TrimLocked();
            block = TryAllocate(size);
        }

        if (block == null)
        {
            throw OutOfMemory(size);
        }

        _systemAllocations++;
        Fill(block, size);
        return block;
    }

    private DeviceException OutOfMemory(long size) =>
        new($"cpu: the system has no {size} bytes more ({_liveBytes} are live in {_liveBuffers} buffers); use a smaller batch or crop{OutOfMemoryHint?.Invoke()}");

    private static byte* TryAllocate(long size)
    {
        try
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)size + Slack, Alignment);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    private void CheckTail(byte* block, long byteLength, long size)
    {
        for (long i = byteLength; poison && i < size + Slack; i++)
        {
            if (block[i] != Poison)
            {
                throw new InvalidOperationException($"cpu: a kernel wrote at byte {i} of a buffer of {byteLength} bytes");
            }
        }
    }

    private void Fill(byte* block, long size)
    {
        if (poison)
        {
            NativeMemory.Fill(block, (nuint)size + Slack, Poison);
        }
    }
}
