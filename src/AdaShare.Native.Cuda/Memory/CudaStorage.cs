using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Memory;

/// <summary>A block of device memory that starts at a multiple of 512 bytes.</summary>
internal sealed class CudaStorage : Storage
{
    private readonly CachingAllocator _allocator;
    private readonly int _misalignment;
    private MemoryBlock? _block;

    internal CudaStorage(CudaBackend backend, CachingAllocator allocator, long byteLength, int misalignment) : base(backend, byteLength)
    {
        Device = backend;
        _allocator = allocator;
        _misalignment = misalignment;
        _block = allocator.Rent(byteLength + misalignment);
    }

    /// <summary>The backend whose device this is; another one may hand its work on to it.</summary>
    public CudaBackend Device { get; }

    /// <summary>The first byte of the first element.</summary>
    public ulong Address => Block.Address + (ulong)_misalignment;

    /// <summary>The block.</summary>
    /// <exception cref="ObjectDisposedException">The storage has been released.</exception>
    public MemoryBlock Block
    {
        get
        {
            ObjectDisposedException.ThrowIf(_block is null || IsFreed, this);
            return _block;
        }
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        if (_block is { } block)
        {
            _block = null;
            _allocator.Return(block);
        }
    }
}
