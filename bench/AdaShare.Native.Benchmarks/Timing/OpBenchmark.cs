using BenchmarkDotNet.Attributes;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>What BenchmarkDotNet runs: one call of the case at hand. It must be a public class that can be derived from.</summary>
public class OpBenchmark
{
    /// <summary>The case at hand.</summary>
    internal static RotatingCalls? Current { get; set; }

    /// <summary>Calls the kernel once.</summary>
    [Benchmark]
    public void Call() => Current!.Next();
}
