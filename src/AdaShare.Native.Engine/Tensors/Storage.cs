using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Engine.Tensors;

/// <summary>
/// A block of memory of one backend, counted: it goes back to the backend's allocator when the last holder lets go, never through the garbage collector.
/// </summary>
public abstract class Storage
{
    private int _holders = 1;

    /// <summary>Creates a block with one holder.</summary>
    protected Storage(Backend backend, long byteLength)
    {
        Backend = backend;
        ByteLength = byteLength;
    }

    /// <summary>The backend whose memory this is: the one that was asked for it, where one hands on to another.</summary>
    public Backend Backend { get; internal set; }

    /// <summary>The usable size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Whether the block has gone back to the allocator.</summary>
    public bool IsFreed => _holders <= 0;

    /// <summary>How often the host has written to the block: whoever keeps something that was computed from it can see that it is out of date.</summary>
    internal long Version { get; set; }

    /// <summary>Whether more than one holder keeps the block.</summary>
    internal bool IsShared => _holders > 1;

    /// <summary>Adds a holder.</summary>
    public void Retain()
    {
        ObjectDisposedException.ThrowIf(IsFreed, this);
        _holders++;
    }

    /// <summary>Removes a holder; the last one frees the block.</summary>
    public void Release()
    {
        ObjectDisposedException.ThrowIf(IsFreed, this);
        if (--_holders == 0)
        {
            Free();
        }
    }

    /// <summary>Gives a block out again that the allocator had kept after it was freed.</summary>
    protected void Revive() => _holders = 1;

    /// <summary>Returns the memory to the allocator.</summary>
    protected abstract void Free();
}
