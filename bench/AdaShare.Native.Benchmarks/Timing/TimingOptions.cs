namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>How long and how often a case is timed.</summary>
/// <param name="Iterations">Measurements of a case.</param>
/// <param name="WarmUps">Measurements that are thrown away first.</param>
/// <param name="Milliseconds">How long a measurement lasts at least; calls are repeated to fill it.</param>
internal sealed record TimingOptions(int Iterations, int WarmUps, int Milliseconds)
{
    /// <summary>For figures to keep.</summary>
    public static TimingOptions Full { get; } = new(15, 2, 50);

    /// <summary>For a look.</summary>
    public static TimingOptions Quick { get; } = new(5, 1, 10);
}
