namespace AdaShare.Native.Cuda.Memory;

/// <summary>
/// Memory of one call: kernels that follow in the compute stream may use it until it is disposed, whoever gets it next comes later in the stream.
/// </summary>
internal readonly struct Scratch : IDisposable
{
    private readonly CachingAllocator _allocator;
    private readonly MemoryBlock _block;

    public Scratch(CachingAllocator allocator, long bytes)
    {
        _allocator = allocator;
        _block = allocator.Rent(bytes);
    }

    /// <summary>The first byte, at a multiple of 512.</summary>
    public ulong Address => _block.Address;

    public void Dispose() => _allocator.Return(_block);
}
