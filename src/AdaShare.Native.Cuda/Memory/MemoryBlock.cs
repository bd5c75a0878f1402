namespace AdaShare.Native.Cuda.Memory;

/// <summary>A part of a segment, free or held; its neighbours in the segment form a list, so that free ones can be joined.</summary>
/// <param name="segment">The allocation that it is cut from.</param>
/// <param name="address">The first byte.</param>
/// <param name="size">A multiple of <see cref="CachingAllocator.Granularity"/> bytes.</param>
internal sealed class MemoryBlock(MemorySegment segment, ulong address, long size)
{
    public MemorySegment Segment { get; } = segment;

    public ulong Address { get; } = address;

    public long Size { get; set; } = size;

    public MemoryBlock? Previous { get; set; }

    public MemoryBlock? Next { get; set; }

    public bool IsFree { get; set; }

    /// <summary>The number of the last command of the compute stream that may have used the block before it was rented, see <see cref="StreamClock"/>.</summary>
    public long LastUse { get; set; }

    /// <summary>Whether a command of the compute stream has been given the block since it was rented.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Whether the copy stream has written to the block since it was rented.</summary>
    public bool IsStaged { get; set; }

    /// <summary>Whether the block is all of its segment.</summary>
    public bool IsWhole => Previous is null && Next is null;
}

/// <summary>One allocation of the driver.</summary>
/// <param name="Address">The first byte.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsSmall">Whether it holds small blocks.</param>
internal sealed record MemorySegment(ulong Address, long Size, bool IsSmall);
