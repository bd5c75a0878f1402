using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Checks;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>The catalogue at every scale, made once.</summary>
internal static class Cases
{
    private static readonly Lazy<IReadOnlyList<BenchmarkCase>> LazyReduced = new(() => BenchmarkCatalogue.Of(BenchmarkScale.Reduced));
    private static readonly Lazy<IReadOnlyList<BenchmarkCase>> LazyCpu = new(() => BenchmarkCatalogue.Of(BenchmarkScale.Cpu));
    private static readonly Lazy<IReadOnlyList<BenchmarkCase>> LazyGpu = new(() => BenchmarkCatalogue.Of(BenchmarkScale.Gpu));

    public static IReadOnlyList<BenchmarkCase> Reduced => LazyReduced.Value;

    public static IReadOnlyList<BenchmarkCase> Cpu => LazyCpu.Value;

    public static IReadOnlyList<BenchmarkCase> Gpu => LazyGpu.Value;

    public static IReadOnlyDictionary<string, BenchmarkCase> ByKey { get; } = Reduced.ToDictionary(static benchmark => benchmark.Key);

    public static CaseCheck CheckOn(Backend backend, string numerics) => new(backend, new OperandSet(NetworkSpec.ActivationsOf(numerics)), Tolerances.Of(backend.Name, numerics), ByKey);
}
