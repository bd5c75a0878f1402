using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Peaks;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>A case with everything that was measured of it.</summary>
/// <param name="Case">The case.</param>
/// <param name="Nanoseconds">Of a call, in the order of the measurements.</param>
/// <param name="Bytes">The bytes that a call must move.</param>
/// <param name="Roofline">What the machine allows.</param>
/// <param name="ManagedBytes">Bytes of the managed heap that a call allocates.</param>
/// <param name="SystemAllocations">How often a call asks the system for memory of the backend.</param>
/// <param name="Sets">Sets of tensors that calls took in turn.</param>
/// <param name="Checked">How much of the results was compared with the reference.</param>
/// <param name="Disturbance">What disturbed the measurement, in words, or null.</param>
/// <param name="MayMakeObjects">Whether a call may make small objects on the managed heap: a step does, and so does the host's side of a GPU.</param>
internal sealed record TimedCase(
    BenchmarkCase Case, double[] Nanoseconds, long Bytes, Roofline Roofline, double ManagedBytes, double SystemAllocations, int Sets, string Checked, string? Disturbance, bool MayMakeObjects)
{
    // The runtime's threshold for the heap of large objects: a call that allocates less in all allocates none there.
    private const int LargeObject = 85_000;
    private const double NanosecondsOfAMicrosecond = 1e3;

    /// <summary>The middle time.</summary>
    public Spread Time { get; } = Spread.Of(Nanoseconds.Select(static t => t / NanosecondsOfAMicrosecond));

    /// <summary>Billions of floating-point operations a second, two a multiply-add; 0 for cases without any worth counting.</summary>
    public double GigaFlops => 2 * Case.MultiplyAdds / (Time.Median * NanosecondsOfAMicrosecond);

    /// <summary>Billions of bytes a second.</summary>
    public double GigaBytes => Bytes / (Time.Median * NanosecondsOfAMicrosecond);

    /// <summary>The share of the peak that bounds the case; null where the call bounds it.</summary>
    public double? Share => Roofline.Share(Time.Median * NanosecondsOfAMicrosecond);

    /// <summary>What a warm call must not do but does; null if nothing.</summary>
    public string? Failure => SystemAllocations > 0
        ? FormattableString.Invariant($"asks the system for memory {SystemAllocations:G3} times a call")
        : ManagedBytes >= (MayMakeObjects ? LargeObject : 1)
            ? FormattableString.Invariant($"allocates {ManagedBytes:F0} bytes of the managed heap a call")
            : null;

    /// <summary>The row of a result file.</summary>
    public BenchmarkRow ToRow()
    {
        var figures = new Dictionary<string, double>
        {
            ["gflop_per_s"] = GigaFlops,
            ["gb_per_s"] = GigaBytes,
            ["multiply_adds"] = Case.MultiplyAdds,
            ["moved_bytes"] = Bytes,
            ["managed_bytes"] = ManagedBytes,
            ["system_allocations"] = SystemAllocations,
            ["sets"] = Sets,
        };
        if (Share is { } share)
        {
            figures["share_of_peak"] = share;
        }

        var facts = new Dictionary<string, string> { ["work"] = Case.Shapes, ["bound"] = Roofline.Bound, ["checked"] = Checked };
        if (Disturbance is not null)
        {
            facts["disturbed"] = Disturbance;
        }

        if (Failure is { } failure)
        {
            facts["failed"] = failure;
        }

        return new BenchmarkRow(Case.Name, "us", HigherIsBetter: false, Time, figures, facts);
    }
}
