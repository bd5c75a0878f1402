using System.Diagnostics;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>What became of an input.</summary>
public enum OutcomeKind
{
    /// <summary>It was read.</summary>
    Accepted,

    /// <summary>It was refused with the documented exception.</summary>
    Refused,

    /// <summary>It ended in another exception.</summary>
    OtherException,
}

/// <summary>An input's outcome.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Error">The exception; null where it was read.</param>
/// <param name="Held">The bytes that it decoded to.</param>
/// <param name="Seconds">Processor time of the whole process: on a machine that does nothing else the time that one waits, and on a busy one still the input's own doing.</param>
/// <param name="Waited">Wall-clock time in seconds.</param>
/// <param name="Allocated">Managed bytes that the reading thread allocated.</param>
public sealed record Outcome(OutcomeKind Kind, Exception? Error, long Held, double Seconds, double Waited, long Allocated)
{
    /// <summary>The seconds that any input may wait, be it for nothing.</summary>
    public const double LongestWait = 60;

    // A decoded value is held once, and copied on its way at most a few times.
    private const int CopiesHeld = 4;

    /// <summary>Reads an input and measures.</summary>
    public static Outcome Of(Parser parser, string path)
    {
        ArgumentNullException.ThrowIfNull(parser);
        TimeSpan busy = Environment.CpuUsage.TotalTime;
        long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        (OutcomeKind kind, Exception? error, long held) = (OutcomeKind.Accepted, (Exception?)null, 0L);
        try
        {
            held = parser.Read(path);
        }
        catch (Exception thrown)
        {
            (kind, error) = (thrown.GetType() == parser.Refusal ? OutcomeKind.Refused : OutcomeKind.OtherException, thrown);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Outcome(kind, error, held, (Environment.CpuUsage.TotalTime - busy).TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds, allocated);
    }

    /// <summary>The bytes that a valid file may need: what its bytes cost to read, and what they decode to.</summary>
    /// <param name="parser">The parser.</param>
    /// <param name="length">The input's bytes.</param>
    public long Needed(Parser parser, int length)
    {
        ArgumentNullException.ThrowIfNull(parser);
        return ((long)parser.BytesPerByte * length) + (CopiesHeld * Held);
    }

    /// <summary>What is wrong with the outcome, in words; null where nothing is.</summary>
    /// <param name="parser">The parser.</param>
    /// <param name="length">The input's bytes.</param>
    public string? Fault(Parser parser, int length)
    {
        ArgumentNullException.ThrowIfNull(parser);
        return Kind == OutcomeKind.OtherException ? $"{Error!.GetType().Name} instead of {parser.Refusal.Name}"
            : Seconds > parser.MostSeconds ? $"took {Seconds:F2} s"
            : Waited > LongestWait ? $"waited {Waited:F2} s"
            : Allocated - Needed(parser, length) > parser.Allowance ? $"allocated {Allocated} bytes where a valid file of {length} bytes needs {Needed(parser, length)}"
            : null;
    }
}
