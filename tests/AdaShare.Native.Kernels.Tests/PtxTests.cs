using System.Text.RegularExpressions;
using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>What the committed PTX may hold. Needs no tools.</summary>
internal sealed partial class PtxTests
{
    private static IEnumerable<string> Names => CommittedKernels.PtxNames;

    [TestCaseSource(nameof(Names))]
    public void TargetsWhatItsNameSays(string name)
    {
        string ptx = CommittedKernels.Ptx[name];
        string target = name.Split('.')[^2].Replace("compute_", "sm_", StringComparison.Ordinal);
        Assert.That(ptx, Does.Match(@"^\.version 7\.\d$".Multiline()).And.Match($@"^\.target {target}$".Multiline()).And.Match(@"^\.address_size 64$".Multiline()));
    }

    [TestCaseSource(nameof(Names))]
    public void HoldsTheKernelsOfTheManifest(string name)
    {
        KernelModule module = CommittedKernels.Manifest.Modules.Single(m => m.Ptx.ContainsKey(name));
        string[] entries = [.. EntryPattern().Matches(CommittedKernels.Ptx[name]).Select(static m => m.Groups[1].Value)];
        Assert.That(entries, Is.EquivalentTo(module.Kernels.Select(static k => k.Name)));
    }

    [TestCaseSource(nameof(Names))]
    public void NamesSourceFilesWithoutFolders(string name)
    {
        string[] files = [.. FilePattern().Matches(CommittedKernels.Ptx[name]).Select(static m => m.Groups[1].Value)];
        KernelModule module = CommittedKernels.Manifest.Modules.Single(m => m.Ptx.ContainsKey(name));
        Assert.That(files, Is.Not.Empty.And.SubsetOf(module.Headers.Append(module.Source)));
    }

    // Atomics would make sums depend on timing; calls and local memory mean slow paths that nobody asked for.
    [TestCaseSource(nameof(Names))]
    public void HasNoAtomicsCallsOrLocalMemory(string name) =>
        Assert.That(ForbiddenPattern().Matches(CommittedKernels.Ptx[name]).Select(static m => m.Value.Trim()), Is.Empty);

    [Test]
    public void ForbiddenInstructionsAreFound() => Assert.That(
        new[] { "\tatom.global.add.f32 \t%f1, [%rd1], %f2;", "\t@%p1 red.global.add.f32 [%rd1], %f1;", "\tcall.uni (r), f, (p);", "\t.local .align 8 .b8 \t__local_depot0[8];" },
        Has.All.Matches<string?>(static line => ForbiddenPattern().IsMatch(line!)));

    [GeneratedRegex(@"^\.visible \.entry (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"^\s*\.file\s+\d+\s+""([^""]*)""", RegexOptions.Multiline)]
    private static partial Regex FilePattern();

    [GeneratedRegex(@"^\s*(@!?%p\d+\s+)?(atom|red|call|\.local)\b.*$", RegexOptions.Multiline)]
    private static partial Regex ForbiddenPattern();
}

/// <summary>Patterns for the lines of a text.</summary>
internal static class Patterns
{
    /// <summary>A pattern in which ^ and $ stand for the ends of lines.</summary>
    internal static Regex Multiline(this string pattern) => new(pattern, RegexOptions.Multiline);
}
