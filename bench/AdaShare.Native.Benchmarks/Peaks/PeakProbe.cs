using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cpu.Peaks;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Peaks;

/// <summary>How large the probes are.</summary>
/// <param name="Samples">Measurements of each.</param>
/// <param name="Rounds">Rounds of multiply-adds of each thread of a CPU.</param>
/// <param name="Elements">Elements of each array whose traffic is measured.</param>
/// <param name="MatrixSize">Rows and columns of the matrices of a GPU.</param>
internal sealed record PeakOptions(int Samples, int Rounds, int Elements, int MatrixSize)
{
    // Beyond any cache: STREAM's rule is four times the last level's for each array.
    private const int CacheFactor = 4;
    private const long LeastBytes = 64L << 20;
    private const long MostBytes = 1L << 30;

    /// <summary>The sizes for a device.</summary>
    public static PeakOptions Of(Backend backend)
    {
        long bytes = backend is CpuBackend ? Math.Clamp(CacheFactor * LastLevelCache.Bytes, LeastBytes, MostBytes) : MostBytes / 2;
        return new PeakOptions(Samples: 15, Rounds: 2_000_000, (int)(bytes / sizeof(float)), MatrixSize: 8192);
    }
}

/// <summary>Measures what a device can do at most, on random numbers: multiply-adds and memory traffic of a CPU, matrix products and copies of a GPU.</summary>
internal static class PeakProbe
{
    private const double Giga = 1e9;
    private const double Milli = 1e-3;
    private const int PoolSize = 1 << 16;
    private const int MostAttempts = 5;

    // Read two, write one; read one, write one.
    private const int TriadArrays = 3;
    private const int CopyArrays = 2;

    /// <summary>Measures a device.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="numerics">How it rounds: <c>exact</c>, <c>fast</c> or <c>bfloat16</c>.</param>
    /// <param name="options">How large the probes are.</param>
    public static MachinePeaks Measure(Backend backend, string numerics, PeakOptions options)
    {
        using IDeviceClock clock = backend.CreateClock();
        if (backend is not CpuBackend cpu)
        {
            return OfGpu(backend, numerics, clock, options);
        }

        return OfQuietCpu(cpu, clock, options);
    }

    /// <summary>What a CPU can do while nothing else computes on it, such as the build that came before; the most that was seen, marked as disturbed, where others never stop.</summary>
    private static MachinePeaks OfQuietCpu(CpuBackend backend, IDeviceClock clock, PeakOptions options)
    {
        MachinePeaks? most = null;
        string? disturbance = null;
        for (int attempt = 0; attempt == 0 || (disturbance is not null && attempt < MostAttempts); attempt++)
        {
            var load = new OtherLoad();
            MachinePeaks peaks = OfCpu(backend, clock, options);
            disturbance = load.Disturbance();
            most = most is null ? peaks : peaks.OrMore(most);
        }

        return disturbance is null ? most! : most! with { Rows = [.. most.Rows.Select(row => row with { Facts = new Dictionary<string, string> { ["disturbed"] = disturbance } })] };
    }

    private static MachinePeaks OfCpu(CpuBackend backend, IDeviceClock clock, PeakOptions options)
    {
        var loops = new CpuPeakLoops(backend);
        long products = 0;
        BenchmarkRow rate = Row("peak/fma-float32", "GFLOP/s", Times(clock, options.Samples, () => products = loops.MultiplyAdd(options.Rounds)), () => 2.0 * products);
        using var step = new Step(backend, recordGradients: false);
        Tensor target = Random(step, options.Elements, 0), left = Random(step, options.Elements, 1), right = Random(step, options.Elements, 2);
        double bytes = (double)TriadArrays * sizeof(float) * options.Elements;
        BenchmarkRow[] triads =
        [
            Row("peak/triad", "GB/s", Times(clock, options.Samples, () => loops.Triad(target, left, right, 0.5f, pastCaches: false)), () => bytes),
            Row("peak/triad-past-caches", "GB/s", Times(clock, options.Samples, () => loops.Triad(target, left, right, 0.5f, pastCaches: true)), () => bytes),

            // What is overwritten where it was read need not be fetched for that, and is no traffic of its own: optimisers and gradients work so.
            Row("peak/triad-in-place", "GB/s", Times(clock, options.Samples, () => loops.Triad(target, target, right, 0.5f, pastCaches: false)), () => bytes),
        ];
        return new MachinePeaks(rate.Value.Max * Giga, triads.Max(static row => row.Value.Max) * Giga, [rate, .. triads]);
    }

    private static MachinePeaks OfGpu(Backend backend, string numerics, IDeviceClock clock, PeakOptions options)
    {
        BenchmarkRow copy;
        using (var step = new Step(backend, recordGradients: false))
        {
            Tensor source = Random(step, options.Elements, 0), target = Random(step, options.Elements, 1);
            double bytes = (double)CopyArrays * sizeof(float) * options.Elements;

            // One block of a whole tensor is copied by the driver.
            void Copy() => backend.Elementwise.CopyBlocks(source, 0, source.Count, target, 0, target.Count, blocks: 1, source.Count, accumulate: false);
            copy = Row("peak/copy", "GB/s", Times(clock, options.Samples, Copy), () => bytes);
        }

        (string factors, DType type) = numerics switch
        {
            "exact" => ("float32", DType.Float32),
            "fast" => ("tf32", DType.Float32),
            _ => ("bfloat16", DType.BFloat16),
        };
        BenchmarkRow rate = MatrixRate(backend, $"peak/matrix-{factors}", type, clock, options);
        return new MachinePeaks(rate.Value.Max * Giga, copy.Value.Max * Giga, [rate, copy]);
    }

    private static BenchmarkRow MatrixRate(Backend backend, string name, DType type, IDeviceClock clock, PeakOptions options)
    {
        using var step = new Step(backend, recordGradients: false);
        int size = options.MatrixSize;
        var shape = new Shape(size, size);
        Tensor[] matrices = [.. Enumerable.Range(0, 3).Select(i => Random(step, shape, type, i))];
        void Multiply() => backend.Matrix.Multiply(matrices[0], transposeLeft: false, matrices[1], transposeRight: false, matrices[2], accumulate: false);
        return Row(name, "GFLOP/s", Times(clock, options.Samples, Multiply), () => 2.0 * size * size * size);
    }

    /// <summary>Milliseconds of each of some calls, after one that is not counted.</summary>
    private static double[] Times(IDeviceClock clock, int samples, Action call)
    {
        call();
        clock.Mark();
        for (int i = 0; i < samples; i++)
        {
            call();
            clock.Mark();
        }

        return clock.Read();
    }

    private static BenchmarkRow Row(string name, string unit, double[] milliseconds, Func<double> work) =>
        new(name, unit, HigherIsBetter: true, Spread.Of(milliseconds.Select(time => work() / (time * Milli) / Giga)));

    private static Tensor Random(Step step, int count, int number) => Random(step, new Shape(count), DType.Float32, number);

    private static Tensor Random(Step step, Shape shape, DType type, int number)
    {
        double[] pool = Fills.Normal(RandomStream.For(1, $"peak/{number}"), PoolSize);
        Tensor tensor = step.New(shape, type);
        if (type == DType.BFloat16)
        {
            Repeat(tensor, Array.ConvertAll(pool, static x => (BFloat16)(float)x));
        }
        else
        {
            Repeat(tensor, Array.ConvertAll(pool, static x => (float)x));
        }

        return tensor;
    }

    private static void Repeat<T>(Tensor tensor, T[] numbers) where T : unmanaged
    {
        for (long start = 0; start < tensor.Count; start += numbers.Length)
        {
            int count = (int)Math.Min(numbers.Length, tensor.Count - start);
            tensor.Part(start, new Shape(count)).CopyFrom<T>(numbers.AsSpan(0, count));
        }
    }
}
