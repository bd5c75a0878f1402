using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>What a piece of scratch memory is for. Pieces of different slots never overlap.</summary>
internal enum ScratchSlot
{
    /// <summary>The packed left operand of a product.</summary>
    PackedLeft,

    /// <summary>The packed right operand of a product.</summary>
    PackedRight,

    /// <summary>One packed panel.</summary>
    Panel,

    /// <summary>Rows of a padded image, or of a transform.</summary>
    Rows,

    /// <summary>Tables of addresses.</summary>
    Pointers,

    /// <summary>Partial results that are summed in a fixed order afterwards.</summary>
    Partials,

    /// <summary>Anything small.</summary>
    Small,
}

/// <summary>
/// Scratch memory of kernels: shared pieces, and pieces for each thread. They grow to the largest size ever asked for and stay, so that steady state allocates nothing.
/// The content is arbitrary; it lives until the same slot is asked for again.
/// </summary>
internal sealed unsafe class CpuScratch : IDisposable
{
    private static readonly int SlotCount = Enum.GetValues<ScratchSlot>().Length;

    private readonly CpuAllocator _allocator;
    private readonly Piece[] _shared = new Piece[SlotCount];
    private readonly Piece[][] _local;
    private readonly Piece[][] _spare;
    private readonly Lock _growing = new();

    /// <summary>Creates scratch memory for a number of threads.</summary>
    public CpuScratch(CpuAllocator allocator, int threads)
    {
        _allocator = allocator;
        _local = new Piece[threads][];
        _spare = new Piece[threads][];
        for (int i = 0; i < threads; i++)
        {
            _local[i] = new Piece[SlotCount];
            _spare[i] = new Piece[SlotCount];
        }
    }

    /// <summary>A piece that all threads of a call share; ask for it before going parallel.</summary>
    public T* Shared<T>(ScratchSlot slot, long count) where T : unmanaged => (T*)Ensure(ref _shared[(int)slot], count * sizeof(T));

    /// <summary>A piece of the calling thread's own, inside or outside a parallel loop.</summary>
    public T* Local<T>(ScratchSlot slot, long count) where T : unmanaged
    {
        int thread = CpuThreads.CurrentIndex;
        ref Piece piece = ref _local[thread][(int)slot];
        if (piece.ByteLength < count * sizeof(T))
        {
            Grow(thread, (int)slot, SizeClasses.RoundUp(count * sizeof(T)));
        }

        return (T*)piece.Pointer;
    }

    /// <summary>Gives all pieces back to the system; no kernel may be running.</summary>
    public void Trim()
    {
        Trim(_shared);
        foreach (Piece[] pieces in _local.Concat(_spare))
        {
            Trim(pieces);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Trim();

    private void Trim(Piece[] pieces)
    {
        foreach (ref Piece piece in pieces.AsSpan())
        {
            Free(ref piece);
        }
    }

    /// <summary>
    /// Gives a thread a larger piece, and sets one aside for every other thread: which thread comes to need it, and in which step, is chance, but the memory is asked
    /// of the system once.
    /// </summary>
    private void Grow(int thread, int slot, long byteLength)
    {
        lock (_growing)
        {
            for (int t = 0; t < _local.Length; t++)
            {
                if (_local[t][slot].ByteLength < byteLength)
                {
                    Ensure(ref _spare[t][slot], byteLength);
                }
            }

            // Only the thread itself takes its spare piece: until then it may be using the old one.
            Free(ref _local[thread][slot]);
            _local[thread][slot] = _spare[thread][slot];
            _spare[thread][slot] = default;
        }
    }

    private byte* Ensure(ref Piece piece, long byteLength)
    {
        if (piece.ByteLength < byteLength)
        {
            Free(ref piece);
            long size = SizeClasses.RoundUp(byteLength);
            piece.Pointer = _allocator.AllocateWorkspace(size);
            piece.ByteLength = size;
        }

        return piece.Pointer;
    }

    private void Free(ref Piece piece)
    {
        if (piece.Pointer != null)
        {
            _allocator.FreeWorkspace(piece.Pointer, piece.ByteLength);
            piece = default;
        }
    }

    private struct Piece
    {
        public byte* Pointer;
        public long ByteLength;
    }
}
