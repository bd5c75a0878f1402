namespace AdaShare.Native.Engine.Backends;

/// <summary>What a backend's allocator holds.</summary>
/// <param name="LiveBuffers">Buffers that somebody holds.</param>
/// <param name="LiveBytes">Their bytes.</param>
/// <param name="PeakBytes">The highest <paramref name="LiveBytes"/> since the backend was made or the peak was reset.</param>
/// <param name="CachedBytes">Bytes kept for reuse.</param>
/// <param name="SystemAllocations">How often memory was asked of the system: constant in steady state.</param>
public readonly record struct MemoryStatistics(int LiveBuffers, long LiveBytes, long PeakBytes, long CachedBytes, long SystemAllocations);
