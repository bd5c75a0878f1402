using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Checks;
using AdaShare.Native.Benchmarks.Peaks;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>Times cases one after another on a device: the peaks, then for each case its check, its times and what it allocates, then the peaks again.</summary>
/// <param name="backend">The device.</param>
/// <param name="numerics">How it rounds.</param>
/// <param name="options">How long and how often.</param>
/// <param name="table">Shows every figure as soon as it is there.</param>
internal sealed class OpsRun(Backend backend, string numerics, TimingOptions options, OpsTable table)
{
    // Sets of tensors are together this many times the caches, so that a set has left them when it is read again.
    private const int CacheFactor = 4;

    // The largest cache of a GPU so far has 126 MB.
    private const long GpuWorkingSet = 256L << 20;

    // As the networks store them.
    private DType Activations => NetworkSpec.ActivationsOf(numerics);

    /// <summary>Times the cases.</summary>
    /// <remarks>What others on the same machine leave to this process changes within minutes, so shares are of the best that was seen before the cases or after them.</remarks>
    /// <param name="cases">What to time.</param>
    /// <param name="peaks">How large the probes of the peaks are.</param>
    /// <param name="reduced">For each key the case at sizes that the reference computes whole.</param>
    /// <param name="save">Is given all rows so far, after every case.</param>
    /// <returns>The rows, and the number of cases that differed from the reference or allocated.</returns>
    public (IReadOnlyList<BenchmarkRow> Rows, int Failures) Run(
        IReadOnlyList<BenchmarkCase> cases, PeakOptions peaks, IReadOnlyDictionary<string, BenchmarkCase> reduced, Action<IReadOnlyList<BenchmarkRow>> save)
    {
        MachinePeaks machine = PeakProbe.Measure(backend, numerics, peaks);
        table.Begin(machine);
        var measured = new List<TimedCase>();
        int failures = 0;
        foreach (BenchmarkCase benchmark in cases)
        {
            // A set's tensors go when the case is done: what one case leaves in the cache shall not limit the next.
            backend.TrimCache();
            var operands = new OperandSet(Activations);
            CheckResult check = new CaseCheck(backend, operands, Tolerances.Of(backend.Name, numerics), reduced).Run(benchmark);
            if (check.Differences.Count > 0)
            {
                table.Refuse(benchmark, check.Differences[0]);
                failures++;
                continue;
            }

            TimedCase timed = Time(benchmark, operands, machine, check.Extent);
            table.Show(timed);
            measured.Add(timed);
            save(Rows(machine, measured));
            failures += timed.Failure is null ? 0 : 1;
        }

        MachinePeaks best = PeakProbe.Measure(backend, numerics, peaks).OrMore(machine);
        table.End(machine, best);
        IReadOnlyList<BenchmarkRow> rows = Rows(best, measured);
        save(rows);
        return (rows, failures);
    }

    private static IReadOnlyList<BenchmarkRow> Rows(MachinePeaks machine, List<TimedCase> measured) =>
        [.. machine.Rows, .. measured.Select(timed => (timed with { Roofline = machine.Roofline(timed.Case, timed.Bytes) }).ToRow())];

    private TimedCase Time(BenchmarkCase benchmark, OperandSet operands, MachinePeaks machine, string extent)
    {
        long bytes = benchmark.Bytes(Activations);
        Roofline roofline = machine.Roofline(benchmark, bytes);
        using var calls = new RotatingCalls(benchmark, backend, operands, roofline.Bound == Roofline.Memory ? WorkingSet : 0);
        var timer = new CaseTimer(backend, options);
        var load = new OtherLoad();
        double[] times = timer.Time(calls);

        // What a GPU takes is its own matter.
        string? disturbance = IsCpu ? load.Disturbance() : null;
        (double managed, double system) = timer.Allocations(calls, times[^1]);
        return new TimedCase(benchmark, times, bytes, roofline, managed, system, calls.Sets, extent, disturbance, benchmark.MakesObjects || !IsCpu);
    }

    private bool IsCpu => backend is CpuBackend;

    private long WorkingSet => IsCpu ? CacheFactor * LastLevelCache.Bytes : GpuWorkingSet;
}
