using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Benchmarking.Results;

/// <summary>Where figures come from: machine, versions, commit, precision.</summary>
public static class Provenance
{
    private const string Unknown = "unknown";
    private const string GpuFact = "gpu", DriverFact = "driver", DeterministicFact = "deterministic";

    // What is timed; files of earlier results do not make a commit unclean.
    private static readonly string[] Timed = ["src", "kernels", "bench/AdaShare.Native.Bench", "bench/AdaShare.Native.Benchmarks", "bench/peers"];

    /// <summary>A run without rows, of a benchmark that begins now.</summary>
    /// <param name="benchmark">Its name.</param>
    /// <param name="backend">Where it computes.</param>
    /// <param name="numerics"><c>exact</c>, <c>fast</c> or <c>bfloat16</c>.</param>
    /// <param name="threads">Threads of the CPU; 0 for a GPU.</param>
    public static BenchmarkRun Of(string benchmark, Backend backend, string numerics, int threads)
    {
        ArgumentNullException.ThrowIfNull(backend);
        (string commit, bool changed) = Revision();
        IReadOnlyDictionary<string, string> facts = backend.Facts;
        var versions = new Dictionary<string, string> { ["runtime"] = RuntimeInformation.FrameworkDescription };
        foreach ((string name, string value) in facts.Where(static fact => fact.Key is not (GpuFact or DriverFact or DeterministicFact)))
        {
            versions[name] = value;
        }

        return new BenchmarkRun
        {
            Benchmark = benchmark,
            Date = DateTimeOffset.UtcNow,
            Commit = commit,
            UncommittedChanges = changed,
            Machine = new BenchmarkMachine(
                ProcessorName.OfThisMachine(), Environment.ProcessorCount, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}", facts.GetValueOrDefault(GpuFact), facts.GetValueOrDefault(DriverFact)),
            Versions = versions,
            Policy = new BenchmarkPolicy(backend.Name, numerics, threads, facts.GetValueOrDefault(DeterministicFact) != "no", backend.Description),
            Rows = [],
        };
    }

    /// <summary>The folder of the checkout that the program was built in; null where it was built in none.</summary>
    public static string? Checkout()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !Path.Exists(Path.Combine(root.FullName, ".git")))
        {
            root = root.Parent;
        }

        return root?.FullName;
    }

    /// <summary>The commit that the engine was built from, and, within a checkout, whether what is timed differs from it.</summary>
    private static (string Commit, bool Changed) Revision()
    {
        string? version = typeof(Backend).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        int plus = version?.IndexOf('+', StringComparison.Ordinal) ?? -1;
        string commit = plus >= 0 ? version![(plus + 1)..] : Unknown;
        return (commit, Checkout() is { } root && HasChanges(root));
    }

    private static bool HasChanges(string root)
    {
        var start = new ProcessStartInfo("git") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])["-C", root, "status", "--porcelain", "--", .. Timed])
        {
            start.ArgumentList.Add(word);
        }

        try
        {
            using Process git = Process.Start(start)!;
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return output.Length > 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Without git nobody can say; what was built from a commit is taken for it.
            return false;
        }
    }
}
