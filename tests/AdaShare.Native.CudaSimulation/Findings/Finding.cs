namespace AdaShare.Native.CudaSimulation.Findings;

/// <summary>What was done wrong on the device.</summary>
public enum FindingKind
{
    /// <summary>An access to memory that belongs to nobody.</summary>
    OutOfBounds,

    /// <summary>An access to memory that was freed, or returned to its allocator, before.</summary>
    UseAfterFree,

    /// <summary>An access at an address that is not a multiple of its size.</summary>
    Misaligned,

    /// <summary>A read of memory that nobody wrote since it was allocated.</summary>
    UninitializedRead,

    /// <summary>Two accesses to shared memory, at least one a write, by threads of a block with no barrier between.</summary>
    SharedRace,

    /// <summary>Two accesses to global memory, at least one a write, by threads of a launch whose order nothing settles.</summary>
    GlobalRace,

    /// <summary>Two accesses to global memory, at least one a write, by work of different streams that neither events nor the host put in order.</summary>
    StreamRace,

    /// <summary>A barrier or shuffle that not all threads that it names reach together.</summary>
    Divergence,

    /// <summary>A trap, a division of integers by zero, an endless loop.</summary>
    Fault,

    /// <summary>A launch that the device can't run: too many threads, too much shared memory.</summary>
    InvalidLaunch,

    /// <summary>A call that is not allowed while a stream is captured.</summary>
    IllegalCapture,

    /// <summary>A call with handles, pointers or descriptors that the library refuses.</summary>
    InvalidCall,

    /// <summary>Memory, a stream, an event, a module, a graph, a handle or a descriptor that is still alive at the end.</summary>
    Leak,
}

/// <summary>Something wrong, at the first place where it was seen.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Problem">The access or call, and why it is wrong.</param>
/// <param name="Kernel">The kernel, or the call.</param>
public sealed record Finding(FindingKind Kind, string Problem, string Kernel)
{
    /// <summary>The block in the grid, where a kernel is at fault.</summary>
    public (int X, int Y, int Z)? Block { get; init; }

    /// <summary>The thread in its block, where a kernel is at fault.</summary>
    public (int X, int Y, int Z)? Thread { get; init; }

    /// <summary>The line of the PTX text, from 1; 0 where no kernel is at fault.</summary>
    public int PtxLine { get; init; }

    /// <summary>"file:line" of the CUDA source; null without line information.</summary>
    public string? Source { get; init; }

    /// <summary>How often the same was seen.</summary>
    public long Count { get; internal set; } = 1;

    /// <inheritdoc/>
    public override string ToString()
    {
        string place = PtxLine > 0 ? $", PTX line {PtxLine}{(Source is null ? "" : $" ({Source})")}" : "";
        string thread = Block is { } b && Thread is { } t ? $", block ({b.X}, {b.Y}, {b.Z}), thread ({t.X}, {t.Y}, {t.Z})" : "";
        return $"{Kind} in {Kernel}{place}{thread}: {Problem}{(Count > 1 ? $" (seen {Count} times)" : "")}";
    }
}
