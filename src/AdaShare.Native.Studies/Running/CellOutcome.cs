using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Running;

/// <summary>How the run of a cell ended: with a result, with a sentence that says why there is none, or in the hands of another process.</summary>
public sealed record CellOutcome
{
    private CellOutcome(CellResult? result, string? failure) => (Result, FailureText) = (result, failure);

    /// <summary>The result; null where the run failed.</summary>
    public CellResult? Result { get; }

    /// <summary>A run that another process has in hand: it is neither done nor failed here.</summary>
    public static CellOutcome Elsewhere { get; } = new(null, null);

    /// <summary>Why it failed; null where it did not.</summary>
    public string? FailureText { get; }

    /// <summary>A run that came to its end.</summary>
    public static CellOutcome Finished(CellResult result) => new(result, null);

    /// <summary>A run that failed in another way than by an exception, for example in a program of its own.</summary>
    public static CellOutcome Failed(string sentence) => new(null, sentence);
}
