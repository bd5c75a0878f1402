using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The kernels as they are committed.</summary>
internal static class CommittedKernels
{
    /// <summary>The folder, found upwards from the test program.</summary>
    internal static KernelFolder Folder { get; } = KernelFolder.Find(start: AppContext.BaseDirectory);

    /// <summary>The manifest.</summary>
    internal static KernelManifest Manifest { get; } = KernelManifest.Parse(File.ReadAllText(Folder.ManifestPath));

    /// <summary>PTX by file name.</summary>
    internal static IReadOnlyDictionary<string, string> Ptx { get; } =
        Directory.EnumerateFiles(Folder.PtxPath).ToDictionary(static f => Path.GetFileName(f), static f => File.ReadAllText(f).ReplaceLineEndings("\n"));

    /// <summary>Names of PTX files, as cases of tests.</summary>
    internal static IEnumerable<string> PtxNames => Ptx.Keys.Order(StringComparer.Ordinal);

    /// <summary>Architectures that run the PTX of a target.</summary>
    internal static string[] ArchitecturesOf(string ptxName) => KernelBuild.Targets.Single(t => ptxName.EndsWith($".{t.Target}.ptx", StringComparison.Ordinal)).Architectures;
}
