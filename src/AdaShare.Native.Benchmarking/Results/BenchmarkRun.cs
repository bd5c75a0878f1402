namespace AdaShare.Native.Benchmarking.Results;

/// <summary>One run of a benchmark, as a file of bench/results holds it.</summary>
public sealed record BenchmarkRun
{
    /// <summary>The form of the file; this is the only one so far.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The form of the file.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>What was run: <c>ops</c>, <c>step</c>, <c>infer</c>, <c>data</c>, <c>reporting</c>, <c>peers</c>, <c>scaling</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The commit that was timed, or <c>unknown</c>.</summary>
    public required string Commit { get; init; }

    /// <summary>Whether what was timed had changes that no commit has.</summary>
    public bool UncommittedChanges { get; init; }

    /// <summary>The machine.</summary>
    public required BenchmarkMachine Machine { get; init; }

    /// <summary>Versions of what took part, by name: <c>runtime</c>, <c>cudnn</c>, <c>pytorch</c>.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>How it was computed.</summary>
    public required BenchmarkPolicy Policy { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<BenchmarkRow> Rows { get; init; }
}

/// <summary>The machine of a run.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Gpu">The GPU's name where the run used one.</param>
/// <param name="Driver">Its driver's CUDA version.</param>
public sealed record BenchmarkMachine(string Processor, int Processors, string System, string? Gpu = null, string? Driver = null);

/// <summary>How a run computed.</summary>
/// <param name="Device">For example <c>cpu</c> or <c>cuda:0</c>.</param>
/// <param name="Numerics"><c>exact</c>, <c>fast</c> or <c>bfloat16</c>.</param>
/// <param name="Threads">Threads of the CPU; 0 where the work ran on a GPU.</param>
/// <param name="Deterministic">Whether equal inputs give equal bits.</param>
/// <param name="Description">The backend's own line.</param>
public sealed record BenchmarkPolicy(string Device, string Numerics, int Threads, bool Deterministic, string Description);

/// <summary>One figure of a run.</summary>
/// <param name="Name">What was measured; the same name in other runs is the same work.</param>
/// <param name="Unit">For example <c>ms</c>, <c>images/s</c>, <c>ratio</c>.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
/// <param name="Value">The figure.</param>
/// <param name="Figures">What follows from it or was read beside it, by name with the unit at its end: <c>gflop_per_s</c>, <c>peak_bytes</c>, <c>share_of_peak</c>.</param>
/// <param name="Facts">What is said of it in words: <c>numerics</c>, <c>work</c>, <c>disturbed</c>.</param>
public sealed record BenchmarkRow(
    string Name, string Unit, bool HigherIsBetter, Spread Value, IReadOnlyDictionary<string, double>? Figures = null, IReadOnlyDictionary<string, string>? Facts = null);
