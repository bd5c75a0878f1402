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
        ArgumentNullException.ThrowIfNull(backend);
        Backend = backend;
        ByteLength = byteLength;
    }

    /// <summary>The backend whose memory this is: the one that was asked for it, where one hands on to another.</summary>
    public Backend Backend { get; internal set; }

    /// <summary>The usable size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Whether the block has gone back to the allocator, or is gone with its backend.</summary>
    public bool IsFreed => _holders <= 0 || Backend.IsDisposed;

    /// <summary>How often the block was written to from outside of ops: whoever keeps something that was computed from it can see that it is out of date. See also <see cref="Tensor.Version"/>.</summary>
    internal long Version { get; set; }

    /// <summary>Whether more than one holder keeps the block.</summary>
    internal bool IsShared => _holders > 1;

    /// <summary>Adds a holder.</summary>
    /// <exception cref="ObjectDisposedException">The block has been freed.</exception>
    public void Retain()
    {
        using BackendScope scope = Backend.Entrance.EnterToRelease(Backend, "retain");
        if (IsFreed)
        {
            throw Freed("retain");
        }

        _holders++;
    }

    /// <summary>Removes a holder; the last one frees the block. It may come after the backend's release.</summary>
    /// <exception cref="ObjectDisposedException">The last holder has let go before.</exception>
    public void Release()
    {
        using BackendScope scope = Backend.Entrance.EnterToRelease(Backend, "release");
        if (_holders <= 0)
        {
            throw Freed("release");
        }

        if (--_holders == 0)
        {
            Free();
        }
    }

    /// <summary>Removes a holder of a block that somebody may have let go of too often.</summary>
    internal void ReleaseIfHeld()
    {
        if (_holders > 0)
        {
            Release();
        }
    }

    /// <summary>Returns the memory to the allocator.</summary>
    protected abstract void Free();

    private ObjectDisposedException Freed(string op) =>
        new(null, $"{op}: a block of {ByteLength} bytes of {Backend.Name} has been freed before; release it as often as it was allocated and retained, and no more");
}
