using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;

namespace AdaShare.Native.Benchmarks.Peaks;

/// <summary>What a device was measured to be able to.</summary>
/// <param name="Flops">Floating-point operations a second, two a multiply-add, in the precision that convolutions multiply in.</param>
/// <param name="Bytes">Bytes a second that memory beyond the caches gives and takes together.</param>
/// <param name="Rows">The measurements.</param>
internal sealed record MachinePeaks(double Flops, double Bytes, IReadOnlyList<BenchmarkRow> Rows)
{
    private const double Nano = 1e-9;

    /// <summary>The better of two measurements, each by itself: whatever disturbs one makes it smaller, never larger.</summary>
    /// <param name="other">Other measurements of the same device, in the same order.</param>
    public MachinePeaks OrMore(MachinePeaks other) => new(
        Math.Max(Flops, other.Flops), Math.Max(Bytes, other.Bytes), [.. Rows.Zip(other.Rows, static (one, another) => one.Value.Max >= another.Value.Max ? one : another)]);

    /// <summary>The least time that a case can take.</summary>
    /// <param name="benchmark">The case.</param>
    /// <param name="bytes">The bytes that it must move.</param>
    public Roofline Roofline(BenchmarkCase benchmark, long bytes) => new(
        benchmark.MultiplyAdds == 0 ? 0 : 2 * benchmark.MultiplyAdds / Flops / Nano, bytes / Bytes / Nano);
}

/// <summary>The least time that a machine's peaks allow a case: the larger of what its arithmetic and what its memory traffic need.</summary>
/// <param name="ComputeNanoseconds">What the multiply-adds need.</param>
/// <param name="MemoryNanoseconds">What the bytes need.</param>
internal readonly record struct Roofline(double ComputeNanoseconds, double MemoryNanoseconds)
{
    /// <summary>Bound by arithmetic.</summary>
    public const string Compute = "compute";

    /// <summary>Bound by memory traffic.</summary>
    public const string Memory = "memory";

    /// <summary>Bound by the call itself.</summary>
    public const string Call = "call";

    // What needs less is bound by the call of the kernel, on a GPU by its launch: a share of a peak says nothing of it.
    private const double CallNanoseconds = 2000;

    /// <summary>What bounds it: <see cref="Compute"/>, <see cref="Memory"/> or <see cref="Call"/>.</summary>
    public string Bound => IsBoundByCall ? Call : IsBoundByMemory ? Memory : Compute;

    /// <summary>The share of the peak that bounds it which a time reaches; null where the call is what takes the time.</summary>
    public double? Share(double nanoseconds) => IsBoundByCall ? null : Least / nanoseconds;

    private bool IsBoundByMemory => MemoryNanoseconds >= ComputeNanoseconds;

    private double Least => IsBoundByMemory ? MemoryNanoseconds : ComputeNanoseconds;

    private bool IsBoundByCall => Least < CallNanoseconds;
}
