namespace AdaShare.Native.Cuda.Search;

/// <summary>The files of one cuDNN: all from one folder, or all by bare name.</summary>
internal sealed class CudnnFiles
{
    private CudnnFiles(string folder, LibraryNames names, Func<string, bool> optional)
    {
        Folder = folder;
        Dispatcher = Path.Combine(folder, names.Cudnn);
        Required = [.. LibraryNames.RequiredParts.Select(part => Path.Combine(folder, names.CudnnPart(part)))];
        Optional = [.. LibraryNames.OptionalParts.Select(part => Path.Combine(folder, names.CudnnPart(part))).Where(optional)];
    }

    /// <summary>The folder; empty for bare names.</summary>
    public string Folder { get; }

    /// <summary>The dispatcher's path or name; loaded last.</summary>
    public string Dispatcher { get; }

    /// <summary>The paths or names of the parts that are needed, in the order of loading.</summary>
    public IReadOnlyList<string> Required { get; }

    /// <summary>The paths or names of other parts, which may fail to load.</summary>
    public IReadOnlyList<string> Optional { get; }

    /// <summary>In one clause, why the files must not be used; null if they may.</summary>
    public string? Fault { get; private init; }

    /// <summary>Looks at a folder's files without loading any.</summary>
    /// <returns>Null where no cuDNN is there.</returns>
    public static CudnnFiles? Inspect(LibraryNames names, string folder)
    {
        if (!File.Exists(Path.Combine(folder, names.Cudnn)))
        {
            return null;
        }

        var files = new CudnnFiles(folder, names, File.Exists);
        string[] missing = [.. files.Required.Where(path => !File.Exists(path))];
        string? fault = missing.Length > 0 ? Incomplete(folder, missing) : Mixture(folder, [files.Dispatcher, .. files.Required, .. files.Optional]);
        return new CudnnFiles(folder, names, File.Exists) { Fault = fault };
    }

    /// <summary>The files by bare name, which only the operating system's loader can find.</summary>
    public static CudnnFiles Bare(LibraryNames names) => new(string.Empty, names, _ => true);

    private static string Incomplete(string folder, string[] missing) =>
        $"the cuDNN in {folder} is incomplete: {string.Join(", ", missing.Select(Path.GetFileName))} {(missing.Length == 1 ? "is" : "are")} missing; install cuDNN anew";

    /// <summary>Installations by package managers are links to files that have the whole version in their names; different ones mean that an upgrade went half way.</summary>
    private static string? Mixture(string folder, IEnumerable<string> files)
    {
        string[] versions = [.. files.Select(Version).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return versions.Length > 1 ? $"the cuDNN in {folder} mixes versions {string.Join(" and ", versions)}; install one version" : null;
    }

    private static string? Version(string file)
    {
        string? target = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.Name;
        int start = target?.IndexOf(".so.", StringComparison.Ordinal) ?? -1;
        return start < 0 ? null : target![(start + ".so.".Length)..];
    }
}
