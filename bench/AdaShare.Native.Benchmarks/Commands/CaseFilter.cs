using System.CommandLine;
using System.IO.Enumeration;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>--filter</c>: some of the cases.</summary>
internal static class CaseFilter
{
    /// <summary>The option.</summary>
    public static Option<string?> Option() => new("--filter")
    {
        HelpName = "PATTERN",
        Description = "Only these: names or families with * and ?, separated by commas, for example 'convolution/forward-*,optimizer'. See the command list for the names.",
    };

    /// <summary>The cases whose name, key or family fits one of the patterns; all where there is none.</summary>
    /// <exception cref="ConfigurationException">A pattern fits nothing.</exception>
    public static IReadOnlyList<BenchmarkCase> Apply(IReadOnlyList<BenchmarkCase> cases, string? filter)
    {
        if (filter is null)
        {
            return cases;
        }

        string[] patterns = filter.Split(',', StringSplitOptions.TrimEntries);
        foreach (string pattern in patterns)
        {
            if (!cases.Any(benchmark => Fits(benchmark, pattern)))
            {
                string families = string.Join(", ", cases.Select(static benchmark => benchmark.Family).Distinct());
                throw new ConfigurationException($"--filter {pattern} fits none of the {cases.Count} benchmarks; their families are {families}, and the command list shows their names");
            }
        }

        return [.. cases.Where(benchmark => Array.Exists(patterns, pattern => Fits(benchmark, pattern)))];
    }

    private static bool Fits(BenchmarkCase benchmark, string pattern) =>
        ((string[])[benchmark.Name, benchmark.Key, benchmark.Family]).Any(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
