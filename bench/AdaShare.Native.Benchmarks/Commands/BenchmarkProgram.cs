using System.CommandLine;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Host;
using AdaShare.Native.Host.Commands;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary>The command line of the benchmarks.</summary>
internal static class BenchmarkProgram
{
    private const string Name = "benchmarks";

    /// <summary>The checkout that results are kept in; the current folder where the program was built in none.</summary>
    public static string Root => Provenance.Checkout() ?? Directory.GetCurrentDirectory();

    /// <summary>Where results are kept.</summary>
    public static string Results => Path.Combine(Root, "bench", "results");

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="host">Output and errors.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Invoke(IReadOnlyList<string> args, HostContext host)
    {
        var root = new RootCommand("Times every op of the engine, measures the machine's peaks, and reports over all results.")
        {
            OpsCommand.Create(host),
            PeaksCommand.Create(host),
            ReportCommand.Create(host),
            ListCommand.Create(host),
            WeightingsCommand.Create(host),
        };
        return new CommandProgram(Name, root).Invoke(args, host);
    }
}
