namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>How memory is touched.</summary>
internal enum AccessKind
{
    Read,
    Write,

    /// <summary>Reads and writes in one go; two of them don't race.</summary>
    Atomic,
}

/// <summary>
/// Who wrote and who read each granule of memory last: enough to tell whether the next access races with an earlier one.
/// </summary>
/// <remarks>
/// A stamp is the number of the block that ran (32 bits), the thread in the block (10), the block's clock (21) and whether the access was atomic (1). For each granule one writer and two
/// readers are kept. Two suffice: of two readers that are not in order, a later writer can't be after both by being one of them.
/// Granules are words until somebody touches a part of a word, then bytes, page by page.
/// </remarks>
internal sealed class AccessHistory(long size)
{
    private const int PageShift = 12;
    private readonly Page?[] _pages = new Page?[(size + (1 << PageShift) - 1) >> PageShift];

    private sealed class Page(int shift)
    {
        public readonly ulong[] Stamps = new ulong[3 << (PageShift - shift)];
        public int Shift => shift;
    }

    /// <summary>Notes an access.</summary>
    /// <param name="offset">The first byte, a multiple of <paramref name="bytes"/>.</param>
    /// <param name="bytes">1, 2, 4, 8 or 16.</param>
    /// <param name="kind">Read, write, or both at once.</param>
    /// <param name="order">Who accesses, and what came before it.</param>
    /// <returns>The stamp of an earlier access that races with this one, or 0.</returns>
    public ulong Touch(long offset, int bytes, AccessKind kind, AccessOrder order)
    {
        Page page = _pages[offset >> PageShift] ??= new Page(bytes < 4 ? 0 : 2);
        if (bytes < 4 && page.Shift != 0)
        {
            page = _pages[offset >> PageShift] = Split(page);
        }

        int first = (int)(offset & ((1 << PageShift) - 1)) >> page.Shift;
        int count = Math.Max(1, bytes >> page.Shift);
        ulong conflict = 0;
        Span<ulong> stamps = page.Stamps.AsSpan(first * 3, count * 3);
        for (int i = 0; i < stamps.Length; i += 3)
        {
            ulong found = kind == AccessKind.Read ? Read(ref stamps[i], ref stamps[i + 1], ref stamps[i + 2], order) : Write(stamps.Slice(i, 3), kind, order);
            conflict = found != 0 ? found : conflict;
        }

        return conflict;
    }

    private static ulong Read(ref ulong writer, ref ulong first, ref ulong second, AccessOrder order)
    {
        ulong me = order.Stamp;
        ulong conflict = writer != 0 && !order.IsBefore(writer) ? writer : 0;
        if (first == 0 || order.IsBefore(first))
        {
            first = me;
        }
        else if (second == 0 || order.IsBefore(second) || AccessOrder.Group(second) == AccessOrder.Group(first))
        {
            second = me;
        }

        return conflict;
    }

    private static ulong Write(Span<ulong> stamps, AccessKind kind, AccessOrder order)
    {
        ulong conflict = 0;
        bool bothAtomic = kind == AccessKind.Atomic && (stamps[0] & AccessOrder.AtomicBit) != 0;
        for (int i = bothAtomic ? 1 : 0; i < 3; i++)
        {
            if (stamps[i] != 0 && !order.IsBefore(stamps[i]))
            {
                conflict = stamps[i];
            }
        }

        stamps[0] = order.Stamp | (kind == AccessKind.Atomic ? AccessOrder.AtomicBit : 0);
        stamps[1] = stamps[2] = 0;
        return conflict;
    }

    private static Page Split(Page words)
    {
        var bytes = new Page(0);
        for (int i = 0; i < bytes.Stamps.Length; i++)
        {
            bytes.Stamps[i] = words.Stamps[(i / 3 >> 2) * 3 + (i % 3)];
        }

        return bytes;
    }
}
