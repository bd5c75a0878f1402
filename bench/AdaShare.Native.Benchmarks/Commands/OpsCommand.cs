using System.CommandLine;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Peaks;
using AdaShare.Native.Benchmarks.Reports;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host;
using AdaShare.Native.Host.Commands;
using AdaShare.Native.Host.Devices;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>ops</c>: times every op, each against the machine's peaks.</summary>
internal static class OpsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> filter = CaseFilter.Option();
        Option<string> device = CommonOptions.Device(), numerics = CommonOptions.Numerics("fast");
        Option<int?> threads = CommonOptions.Threads();
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter measurements: a look, not figures to keep." };
        var save = new Option<string?>("--out")
        {
            HelpName = "FILE",
            Description = "Where to write the results. Default: bench/results/DATE-ops-DEVICE-NUMERICS.json for a whole run; --filter and --quick write nothing unless told where.",
        };
        var command = new Command("ops", "Times every op of the engine at the shapes of the AdaShare networks, after checking its results against a reference in double precision.")
        {
            filter, device, numerics, threads, quick, save,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(device), rounding = parsed.GetRequiredValue(numerics);
            using SelectedDevice selected = DeviceSelector.Open(host, name, parsed.GetValue(threads), rounding);
            bool whole = parsed.GetValue(filter) is null && !parsed.GetValue(quick);
            return Run(host, selected, rounding, parsed.GetValue(filter), parsed.GetValue(quick) ? TimingOptions.Quick : TimingOptions.Full, parsed.GetValue(save), whole);
        });
        return command;
    }

    private static int Run(HostContext host, SelectedDevice device, string numerics, string? filter, TimingOptions options, string? file, bool whole)
    {
        Backend backend = device.Backend;
        IReadOnlyList<BenchmarkCase> cases = CaseFilter.Apply(BenchmarkCatalogue.Of(BenchmarkScale.Of(backend.Name)), filter);
        Dictionary<string, BenchmarkCase> reduced = BenchmarkCatalogue.Of(BenchmarkScale.Reduced).ToDictionary(static benchmark => benchmark.Key);
        BenchmarkRun run = Provenance.Of("ops", backend, numerics, backend is CpuBackend cpu ? cpu.Options.Threads : 0);
        run = run with { Versions = new Dictionary<string, string>(run.Versions) { ["benchmarkdotnet"] = CaseTimer.Version } };
        string? path = file ?? (whole ? NewFile(run) : null);
        void Save(IReadOnlyList<BenchmarkRow> rows)
        {
            if (path is not null)
            {
                ResultFile.Write(path, run with { Rows = rows });
            }
        }

        if (path is not null && !File.Exists(path))
        {
            // A folder that can't be written to is found out before all the measuring, not after.
            Save([]);
        }

        host.Output.WriteLine($"device: {device.FullDescription}");
        host.Output.WriteLine($"commit: {run.Commit}{(run.UncommittedChanges ? ", with changes" : "")}; numerics: {numerics}; {cases.Count} benchmarks");
        (IReadOnlyList<BenchmarkRow> rows, int failures) = new OpsRun(backend, numerics, options, new OpsTable(host.Output)).Run(cases, PeakOptions.Of(backend), reduced, Save);
        Conclude(host.Output, rows);
        host.Output.WriteLine(path is null ? "not written to a file, because it is not a whole run; --out FILE keeps it" : $"written to {path}");
        if (failures > 0)
        {
            host.Output.WriteLine($"{failures} of {cases.Count} FAILED: wrong results, or allocations where there must be none");
        }

        return failures > 0 ? ExitCode.Failure : ExitCode.Success;
    }

    /// <summary>What a reader of the figures should know about all of them.</summary>
    private static void Conclude(TextWriter output, IReadOnlyList<BenchmarkRow> rows)
    {
        output.WriteLine();
        int disturbed = rows.Count(Regression.IsDisturbed);
        if (disturbed > 0)
        {
            output.WriteLine($"{disturbed} of {rows.Count} figures were disturbed: others computed on this machine meanwhile; run again when it is quiet");
        }

        int beyond = rows.Count(static row => row.Figures?.GetValueOrDefault("share_of_peak") > 1);
        if (beyond > 0)
        {
            output.WriteLine(
                $"shares beyond 100%: {beyond}; Winograd's algorithm does fewer multiply-adds than the definition, by which they are counted, and where memory is the bound the peak was disturbed");
        }
    }

    /// <summary>A file that is not there yet.</summary>
    private static string NewFile(BenchmarkRun run)
    {
        string device = run.Policy.Device.Replace(":", "", StringComparison.Ordinal);
        string stem = Path.Combine(BenchmarkProgram.Results, FormattableString.Invariant($"{run.Date:yyyy-MM-dd}-ops-{device}-{run.Policy.Numerics}"));
        string path = stem + ".json";
        for (int i = 2; File.Exists(path); i++)
        {
            path = FormattableString.Invariant($"{stem}-{i}.json");
        }

        return path;
    }
}
