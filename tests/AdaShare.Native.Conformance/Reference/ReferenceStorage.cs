using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>A managed array as a tensor's memory. Nothing is cached, and content that nobody wrote is not a number.</summary>
internal sealed class ReferenceStorage : Storage
{
    // Every byte 0xFF is NaN as float and as double, -1 as Int32 and 255 as UInt8: what reads it shows.
    private const byte Poison = 0xFF;

    private readonly ReferenceBackend _backend;
    private readonly byte[] _bytes;

    /// <summary>Allocates poisoned memory with one holder.</summary>
    internal ReferenceStorage(ReferenceBackend backend, long byteLength) : base(backend, byteLength)
    {
        _backend = backend;
        _bytes = new byte[byteLength];
        _bytes.AsSpan().Fill(Poison);
    }

    /// <summary>The bytes that a tensor covers.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been freed.</exception>
    internal Span<byte> Of(Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(IsFreed, this);
        int size = tensor.DType.Size();
        return _bytes.AsSpan((int)(tensor.Offset * size), (int)(tensor.Count * size));
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _bytes.AsSpan().Fill(Poison);
        _backend.Freed(ByteLength);
    }
}
