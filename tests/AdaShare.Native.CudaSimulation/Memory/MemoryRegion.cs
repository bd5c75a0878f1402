using System.Runtime.InteropServices;

namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>What is known about a byte.</summary>
internal static class ByteState
{
    /// <summary>Nobody's: an access is out of bounds.</summary>
    public const byte Unaddressable = 0;

    /// <summary>Allocated, not written yet.</summary>
    public const byte Allocated = 1;

    /// <summary>Written.</summary>
    public const byte Written = 3;

    /// <summary>Given back to whoever allocates: an access is a use after free.</summary>
    public const byte Returned = 4;
}

/// <summary>
/// A piece of memory of the device: its bytes, a state for each byte, and who touched it last. An allocation, or the shared memory of the running block.
/// </summary>
internal sealed unsafe class MemoryRegion : IDisposable
{
    /// <summary>What memory holds before it is written: as a float a NaN, as an integer -1.</summary>
    public const byte Poison = 0xFF;

    /// <summary>Creates a region.</summary>
    /// <param name="name">What findings call it.</param>
    /// <param name="start">The device address of its first byte.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="state">What is known about its bytes.</param>
    public MemoryRegion(string name, ulong start, long size, byte state)
    {
        Name = name;
        Start = start;
        Size = size;
        nuint room = (nuint)Math.Max(16, size + 16);
        Data = (byte*)NativeMemory.AlignedAlloc(room, 64);
        NativeMemory.Fill(Data, room, Poison);
        State = (byte*)NativeMemory.AlignedAlloc(room, 64);
        NativeMemory.Fill(State, room, 0);
        NativeMemory.Fill(State, (nuint)size, state);
        Accesses = new AccessHistory(size);
    }

    public string Name { get; }

    public ulong Start { get; }

    public long Size { get; }

    public byte* Data { get; private set; }

    public byte* State { get; private set; }

    public AccessHistory Accesses { get; private set; }

    public bool IsFreed { get; private set; }

    /// <summary>Whether an allocator cuts it into buffers and says so.</summary>
    public bool HasBuffers { get; set; }

    /// <summary>Whether so many bytes from an offset lie inside.</summary>
    public bool Contains(long offset, long bytes) => offset >= 0 && bytes >= 0 && offset <= Size - bytes;

    public Span<byte> Bytes(long offset, long count) => new(Data + offset, checked((int)count));

    /// <summary>Whether all bytes of a naturally aligned access of 1, 2, 4, 8 or 16 bytes were written.</summary>
    public bool IsWritten(long offset, int bytes) => bytes switch
    {
        4 => *(uint*)(State + offset) == 0x03030303u,
        8 => *(ulong*)(State + offset) == 0x0303030303030303ul,
        16 => *(ulong*)(State + offset) == 0x0303030303030303ul && *(ulong*)(State + offset + 8) == 0x0303030303030303ul,
        2 => *(ushort*)(State + offset) == 0x0303,
        _ => State[offset] == ByteState.Written,
    };

    /// <summary>Whether all bytes of a naturally aligned access belong to somebody.</summary>
    public bool IsAddressable(long offset, int bytes) => bytes switch
    {
        4 => (*(uint*)(State + offset) & 0x01010101u) == 0x01010101u,
        8 => (*(ulong*)(State + offset) & 0x0101010101010101ul) == 0x0101010101010101ul,
        16 => (*(ulong*)(State + offset) & *(ulong*)(State + offset + 8) & 0x0101010101010101ul) == 0x0101010101010101ul,
        2 => (*(ushort*)(State + offset) & 0x0101) == 0x0101,
        _ => (State[offset] & 1) != 0,
    };

    /// <summary>Notes that the bytes of an access were written.</summary>
    public void MarkWritten(long offset, long bytes)
    {
        switch (bytes)
        {
            case 4:
                *(uint*)(State + offset) = 0x03030303u;
                break;
            case 8:
                *(ulong*)(State + offset) = 0x0303030303030303ul;
                break;
            default:
                NativeMemory.Fill(State + offset, (nuint)bytes, ByteState.Written);
                break;
        }
    }

    /// <summary>Sets the state of a range, and its content to <see cref="Poison"/>.</summary>
    public void Reset(long offset, long bytes, byte state)
    {
        NativeMemory.Fill(Data + offset, (nuint)bytes, Poison);
        NativeMemory.Fill(State + offset, (nuint)bytes, state);
    }

    /// <summary>The first byte of a range that is not in a state that has all bits of <paramref name="wanted"/>, or -1.</summary>
    public long FirstWithout(long offset, long bytes, byte wanted)
    {
        var states = new ReadOnlySpan<byte>(State + offset, checked((int)bytes));
        int at = wanted == ByteState.Written ? states.IndexOfAnyExcept(ByteState.Written) : states.IndexOfAny(ByteState.Unaddressable, ByteState.Returned);
        return at < 0 ? -1 : offset + at;
    }

    /// <summary>Gives the bytes back; the region stays known, so that later accesses can be explained.</summary>
    public void Dispose()
    {
        if (!IsFreed)
        {
            IsFreed = true;
            NativeMemory.AlignedFree(Data);
            NativeMemory.AlignedFree(State);
            Data = State = null;
            Accesses = new AccessHistory(0);
        }
    }
}
