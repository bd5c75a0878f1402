namespace AdaShare.Native.Cuda.Interop;

/// <summary>
/// A driver that checks accesses may implement this beside <see cref="ICudaDriver"/>: the backend's allocator then says which bytes of its segments belong to a buffer. Both calls are
/// work of the stream, done in its order, and become part of a graph while the stream is captured.
/// </summary>
public interface IMemoryObserver
{
    /// <summary>Bytes that are nobody's become a buffer with arbitrary content.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">As many as were asked for; what follows up to the next buffer stays nobody's.</param>
    /// <param name="stream">The stream in whose order memory is used.</param>
    void MemoryRented(ulong address, nuint bytes, nint stream);

    /// <summary>Bytes, of a buffer or of a new segment, become nobody's.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">The whole block.</param>
    /// <param name="stream">The stream in whose order memory is used.</param>
    void MemoryReturned(ulong address, nuint bytes, nint stream);
}
