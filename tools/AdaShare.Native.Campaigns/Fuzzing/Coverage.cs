using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>
/// The branch counters that SharpFuzz builds into assemblies: which branches an input took, and about how often. Where no assembly is instrumented they stay zero, and an
/// input counts as new by its outcome alone.
/// </summary>
public sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private static readonly byte[] Buckets = MakeBuckets();
    private static byte* _counters;

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Makes room for the counters; to be called before any instrumented code runs.</summary>
    public static void Install()
    {
        if (_counters is null)
        {
            _counters = (byte*)NativeMemory.AllocZeroed(Size);
            Trace.SharedMem = _counters;
        }
    }

    /// <summary>Whether any input so far took an instrumented branch.</summary>
    public bool IsInstrumented { get; private set; }

    /// <summary>Different branches that were taken so far.</summary>
    public int Branches => _seen.Count(static seen => seen != 0);

    /// <summary>Begins an input.</summary>
    public void Begin()
    {
        Install();
        new Span<byte>(_counters, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Ends an input.</summary>
    /// <returns>Whether it took a branch that none before it took, or took one in another order of magnitude.</returns>
    public bool End()
    {
        var counters = new ReadOnlySpan<byte>(_counters, Size);
        bool isNew = false;
        for (int at = counters.IndexOfAnyExcept((byte)0); at < Size;)
        {
            if (at < 0)
            {
                break;
            }

            IsInstrumented = true;
            byte bucket = Buckets[counters[at]];
            isNew |= (_seen[at] & bucket) == 0;
            _seen[at] |= bucket;
            int next = counters[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? Size : at + 1 + next;
        }

        return isNew;
    }

    /// <summary>The classes of counts, a bit each: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more.</summary>
    private static byte[] MakeBuckets()
    {
        var buckets = new byte[256];
        for (int count = 1; count < buckets.Length; count++)
        {
            buckets[count] = (byte)(1 << (count switch { <= 3 => count - 1, <= 7 => 3, <= 15 => 4, <= 31 => 5, <= 127 => 6, _ => 7 }));
        }

        return buckets;
    }
}
