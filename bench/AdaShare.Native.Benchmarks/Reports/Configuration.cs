using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>What runs have in common whose figures may be compared: benchmark, machine, device, numerics, threads and, where it says so, the width of vectors.</summary>
/// <param name="Benchmark">The benchmark.</param>
/// <param name="Processor">The processor.</param>
/// <param name="Processors">How many.</param>
/// <param name="Gpu">The GPU, or null.</param>
/// <param name="Device">The device.</param>
/// <param name="Numerics">How it rounds.</param>
/// <param name="Threads">Threads of the CPU.</param>
/// <param name="Vectors">The width of vectors, or null.</param>
internal sealed record Configuration(string Benchmark, string Processor, int Processors, string? Gpu, string Device, string Numerics, int Threads, string? Vectors)
{
    private const string VectorsFact = "vectors";

    /// <summary>The machine and how it computed, in words.</summary>
    public string Description
    {
        get
        {
            if (Gpu is not null)
            {
                return $"{Gpu} ({Device}), {Numerics}";
            }

            string vectors = Vectors is null ? "" : ", " + Vectors;
            // A loader has threads of its own, which its rows name.
            string threads = Threads == 0 ? "" : $", {Threads} {(Threads == 1 ? "thread" : "threads")}";
            return $"{Processor} ({Processors} processors){threads}{vectors}, {Numerics}";
        }
    }

    /// <summary>The configuration of a run.</summary>
    public static Configuration Of(BenchmarkRun run) => new(
        run.Benchmark, run.Machine.Processor, run.Machine.Processors, run.Machine.Gpu, run.Policy.Device, run.Policy.Numerics, run.Policy.Threads, run.Versions.GetValueOrDefault(VectorsFact));
}
