namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>What a parser did with all its inputs.</summary>
/// <param name="parser">Its name.</param>
public sealed class FuzzResult(string parser)
{
    /// <summary>The parser's name.</summary>
    public string Parser { get; } = parser;

    /// <summary>Inputs tried.</summary>
    public long Inputs { get; private set; }

    /// <summary>Inputs that were read.</summary>
    public long Accepted { get; private set; }

    /// <summary>Inputs that were refused with the documented exception.</summary>
    public long Refused { get; private set; }

    /// <summary>Inputs that ended in another exception.</summary>
    public long OtherExceptions { get; private set; }

    /// <summary>Inputs that failed: other exceptions, too slow, too large.</summary>
    public long Failures { get; private set; }

    /// <summary>The most processor time of an input, in seconds.</summary>
    public double Slowest { get; private set; }

    /// <summary>The most bytes that an input allocated.</summary>
    public long LargestAllocation { get; private set; }

    /// <summary>The most bytes that an input allocated beyond what a valid file of its size needs; 0 where none did.</summary>
    public long LargestExcess { get; private set; }

    /// <summary>How far the process's memory grew, native allocations included.</summary>
    public long Growth { get; set; }

    /// <summary>Inputs that were kept because they showed something new.</summary>
    public int Kept { get; set; }

    /// <summary>Branches taken; null where no assembly is instrumented.</summary>
    public int? Branches { get; set; }

    /// <summary>Adds an input.</summary>
    public void Add(Outcome outcome, long needed, bool failed)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Inputs++;
        Accepted += outcome.Kind == OutcomeKind.Accepted ? 1 : 0;
        Refused += outcome.Kind == OutcomeKind.Refused ? 1 : 0;
        OtherExceptions += outcome.Kind == OutcomeKind.OtherException ? 1 : 0;
        Failures += failed ? 1 : 0;
        Slowest = Math.Max(Slowest, outcome.Seconds);
        LargestAllocation = Math.Max(LargestAllocation, outcome.Allocated);
        LargestExcess = Math.Max(LargestExcess, outcome.Allocated - needed);
    }
}
