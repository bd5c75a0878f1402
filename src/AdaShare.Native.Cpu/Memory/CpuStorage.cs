using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>A block of native memory, aligned to 64 bytes, with <see cref="CpuAllocator.Slack"/> readable bytes after its end.</summary>
internal sealed unsafe class CpuStorage : Storage
{
    private readonly CpuAllocator _allocator;

    internal CpuStorage(CpuBackend backend, CpuAllocator allocator, long byteLength) : base(backend, byteLength)
    {
        _allocator = allocator;
        Pointer = allocator.Rent(byteLength);
    }

    /// <summary>The first byte; null once the block is freed.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Whether the block is an allocator's.</summary>
    public bool IsOf(CpuAllocator allocator) => _allocator == allocator;

    /// <inheritdoc/>
    protected override void Free()
    {
        byte* block = Pointer;
        Pointer = null;
        _allocator.Return(block, ByteLength);
    }
}
