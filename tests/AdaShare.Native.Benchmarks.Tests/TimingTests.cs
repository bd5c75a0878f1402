using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Peaks;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.CudaSimulation;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>How times, peaks and allocations become figures. No assertion is about how long something took.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class TimingTests
{
    // Rows before those of the cases.
    private static readonly string[] CpuPeaks = ["peak/fma-float32", "peak/triad", "peak/triad-past-caches", "peak/triad-in-place"];
    private static readonly TimingOptions Short = new(3, 1, 1);
    private static readonly PeakOptions SmallPeaks = new(Samples: 3, Rounds: 100, Elements: 5000, MatrixSize: 32);

    [Test]
    public void A_run_has_the_peaks_and_a_row_for_every_case_with_its_samples()
    {
        using var backend = new CpuBackend();
        BenchmarkCase[] cases = [Cases.ByKey["activation/relu"], Cases.ByKey["convolution/forward-stage2"], Cases.ByKey["autograd/ten-ops-backward"]];
        (IReadOnlyList<BenchmarkRow> rows, int failures, string text) = Run(backend, cases);
        Assert.That(failures, Is.Zero, text);
        Assert.That(rows.Select(static row => row.Name), Is.EqualTo((string[])[.. CpuPeaks, .. cases.Select(static benchmark => benchmark.Name)]));
        Assert.That(rows.Select(static row => row.Value.Samples.Count), Is.All.EqualTo(3));
        Assert.That(rows.Select(static row => row.Value.Min), Is.All.Positive);
        BenchmarkRow relu = rows[CpuPeaks.Length], autograd = rows[^1];
        Assert.That((relu.Unit, relu.HigherIsBetter, relu.Facts!["checked"]), Is.EqualTo(("us", false, "whole")));
        Assert.That((relu.Figures!["managed_bytes"], relu.Figures["system_allocations"]), Is.EqualTo((0, 0)));
        Assert.That(autograd.Figures!["managed_bytes"], Is.Positive, "a step makes tensors and a tape");
        Assert.That(text, Does.Contain("activation\n  relu@2x9x9x16").And.Contain("autograd\n  ten-ops-backward@8"));
    }

    [TestCase("exact", "float32")]
    [TestCase("fast", "tf32")]
    [TestCase("bfloat16", "bfloat16")]
    public void A_GPU_is_timed_by_its_own_events(string numerics, string factors)
    {
        using var device = new SimulatedDevice();
        using (var backend = new CudaBackend(device.Libraries))
        {
            (IReadOnlyList<BenchmarkRow> rows, int failures, string text) = Run(backend, [Cases.ByKey["gate/gumbel-softmax"], Cases.ByKey["activation/relu"]], numerics);
            Assert.That(failures, Is.Zero, text);
            Assert.That(rows.Select(static row => row.Name), Is.EqualTo((string[])[$"peak/matrix-{factors}", "peak/copy", "gate/gumbel-softmax@16x2", "activation/relu@2x9x9x16"]));
            Assert.That(rows.Select(static row => row.Value.Min), Is.All.Positive);
            Assert.That(rows[^1].Figures!["moved_bytes"], Is.EqualTo(2 * 2 * 9 * 9 * 16 * (numerics == "bfloat16" ? 2 : 4)), "activations as the numerics store them");
        }

        Assert.That(device.Log.Findings, Is.Empty);
    }

    [Test]
    public void What_is_wrong_is_not_timed_and_fails()
    {
        using var backend = new CpuBackend();
        BenchmarkCase idle = Cases.ByKey["elementwise/copy"] with { Call = (on, x) => on == backend ? static () => { } : () => on.Elementwise.Affine(x[0], 1, 0, x[1], accumulate: false) };
        (IReadOnlyList<BenchmarkRow> rows, int failures, string text) = Run(backend, [idle]);
        Assert.That((rows.Count, failures), Is.EqualTo((CpuPeaks.Length, 1)));
        Assert.That(text, Does.Contain("copy@2x9x9x16").And.Contain("NOT TIMED: output: element "));
    }

    [Test]
    public void A_kernel_that_allocates_fails()
    {
        using var backend = new CpuBackend();
        BenchmarkCase relu = Cases.ByKey["activation/relu"];
        BenchmarkCase managed = relu with { Call = static (on, x) => () => on.Activation.Relu(x[0], AllocateArray(x[1])) };
        BenchmarkCase native = relu with
        {
            Call = static (on, x) => () =>
            {
                on.TrimCache();
                on.Allocate(64).Release();
                on.Activation.Relu(x[0], x[1]);
            },
        };
        (IReadOnlyList<BenchmarkRow> rows, int failures, string text) = Run(backend, [managed, native]);
        Assert.That(failures, Is.EqualTo(2), text);
        Assert.That(rows[^2].Facts!["failed"], Does.Match("^allocates [0-9]+ bytes of the managed heap a call$"));
        Assert.That(rows[^1].Facts!["failed"], Is.EqualTo("asks the system for memory 1 times a call"));
    }

    [Test]
    public void Steps_may_make_small_objects_but_no_large_ones()
    {
        BenchmarkCase step = Cases.ByKey["autograd/ten-ops"];
        Assert.That(Timed(step, managed: 3000).Failure, Is.Null);
        Assert.That(Timed(step, managed: 85_000).Failure, Is.EqualTo("allocates 85000 bytes of the managed heap a call"));
        Assert.That(Timed(step, managed: 3000, system: 0.5).Failure, Is.EqualTo("asks the system for memory 0.5 times a call"));
        Assert.That(Timed(Cases.ByKey["activation/relu"], managed: 24).Failure, Is.EqualTo("allocates 24 bytes of the managed heap a call"));
    }

    [Test]
    public void The_share_is_of_the_peak_that_bounds()
    {
        var peaks = new MachinePeaks(Flops: 100e9, Bytes: 10e9, []);
        BenchmarkCase product = Cases.Cpu.Single(static benchmark => benchmark.Key == "matrix/product"), relu = Cases.Cpu.Single(static benchmark => benchmark.Key == "activation/relu");
        Roofline compute = peaks.Roofline(product, product.Bytes(DType.Float32)), memory = peaks.Roofline(relu, relu.Bytes(DType.Float32));
        Assert.That((compute.Bound, memory.Bound), Is.EqualTo((Roofline.Compute, Roofline.Memory)));
        double flops = 2.0 * 1156 * 1024 * 1024, bytes = 8.0 * 4 * 33 * 33 * 64;
        Assert.That(compute.Share(2 * flops / 100), Is.EqualTo(0.5).Within(1e-12), "at twice the time that 100 GFLOP/s need");
        Assert.That(memory.Share(bytes / 10 / 0.8), Is.EqualTo(0.8).Within(1e-12));
        Assert.That(peaks.Roofline(Cases.ByKey["gate/gumbel-noise"], 128).Bound, Is.EqualTo(Roofline.Call));
        Assert.That(peaks.Roofline(Cases.ByKey["gate/gumbel-noise"], 128).Share(1000), Is.Null);
    }

    [Test]
    public void Peaks_are_measured_before_the_cases_and_after_them()
    {
        using var cpu = new CpuBackend();
        using var backend = new ClockLog(cpu);
        BenchmarkCase relu = Cases.ByKey["activation/relu"];
        BenchmarkCase logged = relu with
        {
            Call = (on, x) =>
            {
                Action call = relu.Call(on, x);
                return () =>
                {
                    backend.Note(on == backend ? "case" : null);
                    call();
                };
            },
        };
        Assert.That(Run(backend, [logged]).Failures, Is.Zero);
        Assert.That(backend.Log, Is.EqualTo(new[] { "clock", "case", "clock", "case", "clock" }), "peaks, the check, the case with its clock, peaks again");
    }

    [Test]
    public void Of_two_measurements_of_the_peaks_the_larger_counts_each_by_itself()
    {
        static BenchmarkRow Row(string name, double value) => new(name, "GFLOP/s", HigherIsBetter: true, Spread.Of([value, value / 2]));
        var first = new MachinePeaks(100e9, 10e9, [Row("rate", 100), Row("copy", 10)]);
        var second = new MachinePeaks(90e9, 12e9, [Row("rate", 90), Row("copy", 12)]);
        MachinePeaks most = second.OrMore(first);
        Assert.That((most.Flops, most.Bytes), Is.EqualTo((100e9, 12e9)));
        Assert.That(most.Rows, Is.EqualTo(new[] { first.Rows[0], second.Rows[1] }));
    }

    [TestCase(0L, 1)]
    [TestCase(20_736L, 1)]
    [TestCase(20_737L, 2)]
    [TestCase(1L << 20, 51)]
    public void Sets_of_tensors_are_together_as_large_as_asked(long workingSet, int sets)
    {
        using var backend = new CpuBackend();
        using (var calls = new RotatingCalls(Cases.ByKey["activation/relu"], backend, new OperandSet(DType.Float32), workingSet))
        {
            Assert.That(calls.Sets, Is.EqualTo(sets), "a set has 2 * 2 * 9 * 9 * 16 * 4 bytes");
            Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(2 * sets));
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void Calls_take_the_sets_in_turn_and_no_set_is_zeros_or_another_one()
    {
        using var backend = new CpuBackend();
        var seen = new List<float[]>();
        BenchmarkCase relu = Cases.ByKey["activation/relu"] with { Call = (_, x) => () => seen.Add(x[0].ToArray<float>()) };
        using var calls = new RotatingCalls(relu, backend, new OperandSet(DType.Float32), workingSet: 3 * 20_736);
        for (int i = 0; i < 4; i++)
        {
            calls.Next();
        }

        Assert.That(seen[3], Is.EqualTo(seen[0]));
        Assert.That(seen[1], Is.Not.EqualTo(seen[0]));
        Assert.That(seen[2], Is.Not.EqualTo(seen[1]));
        Assert.That(seen.SelectMany(static numbers => numbers).Count(static number => number == 0), Is.Zero);
    }

    [Test]
    public void Timestamps_are_the_sum_of_the_regions_that_the_clock_saw()
    {
        var clock = new SteppingClock();
        var timestamps = new DeviceTimestamps(clock);
        Assert.That(timestamps.GetTimestamp(), Is.Zero);
        Assert.That(timestamps.GetTimestamp(), Is.EqualTo(1_000_000));
        Assert.That(timestamps.GetTimestamp(), Is.EqualTo(2_000_000));
        Assert.That(timestamps.Frequency.Hertz, Is.EqualTo(1e9));
    }

    private static float[] _kept = [];

    private static Tensor AllocateArray(Tensor tensor)
    {
        _kept = new float[10];
        return tensor;
    }

    private static TimedCase Timed(BenchmarkCase benchmark, double managed, double system = 0) => new(benchmark, [1, 2, 3], 1, default, managed, system, 1, "whole", null, benchmark.MakesObjects);

    private static (IReadOnlyList<BenchmarkRow> Rows, int Failures, string Text) Run(Backend backend, IReadOnlyList<BenchmarkCase> cases, string numerics = "exact")
    {
        var output = new StringWriter { NewLine = "\n" };
        int saved = 0;
        (IReadOnlyList<BenchmarkRow> rows, int failures) = new OpsRun(backend, numerics, Short, new OpsTable(output)).Run(cases, SmallPeaks, Cases.ByKey, all => saved = all.Count);
        Assert.That(saved is 0 || saved == rows.Count, "rows are saved as they come");
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
        return (rows, failures, output.ToString());
    }

    /// <summary>A clock in which a millisecond passes from mark to mark.</summary>
    private sealed class SteppingClock : IDeviceClock
    {
        private int _marks;

        public void Mark() => _marks++;

        public double[] Read()
        {
            double[] times = [.. Enumerable.Repeat(1.0, _marks - 1)];
            _marks = 0;
            return times;
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Notes which clocks are made, and what is done between them.</summary>
    private sealed class ClockLog(Backend inner) : DelegatingBackend(inner)
    {
        public List<string> Log { get; } = [];

        public override IDeviceClock CreateClock()
        {
            Log.Add("clock");
            return base.CreateClock();
        }

        public void Note(string? what)
        {
            if (what is not null && Log[^1] != what)
            {
                Log.Add(what);
            }
        }
    }
}
