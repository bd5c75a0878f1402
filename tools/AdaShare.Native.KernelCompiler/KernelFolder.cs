namespace AdaShare.Native.KernelCompiler;

/// <summary>The folder of the kernels: sources and headers beside each other, PTX in a folder of its own, the manifest.</summary>
public sealed class KernelFolder
{
    /// <summary>The extension of sources.</summary>
    public const string SourceExtension = ".cu";

    /// <summary>The extension of headers.</summary>
    public const string HeaderExtension = ".cuh";

    /// <summary>Opens a folder.</summary>
    /// <exception cref="KernelException">It holds no sources.</exception>
    public KernelFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Sources = Read(SourceExtension);
        Headers = Read(HeaderExtension);
        if (Sources.Count == 0)
        {
            throw new KernelException($"{Path} holds no *{SourceExtension} files; name the folder of the kernels with --kernels");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Texts of the sources by file name, in order of names.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; }

    /// <summary>Texts of the headers by file name, in order of names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What is compiled, in order of the modules' names.</summary>
    public IReadOnlyList<KernelUnit> Units => [.. Sources.Keys.SelectMany(source => KernelUnit.Of(this, source)).OrderBy(static unit => unit.Module, StringComparer.Ordinal)];

    /// <summary>Where the PTX lies.</summary>
    public string PtxPath => System.IO.Path.Combine(Path, "ptx");

    /// <summary>Where the manifest lies.</summary>
    public string ManifestPath => System.IO.Path.Combine(Path, "manifest.json");

    /// <summary>The folder that was named, or <c>kernels/</c> of the repository around the current folder.</summary>
    /// <exception cref="KernelException">There is none.</exception>
    public static KernelFolder Find(string? path = null, string? start = null)
    {
        if (path is not null)
        {
            return Directory.Exists(path) ? new KernelFolder(path) : throw new KernelException($"{path} is not a folder; name that of the *{SourceExtension} files with --kernels");
        }

        for (DirectoryInfo? folder = new(start ?? Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            string kernels = System.IO.Path.Combine(folder.FullName, "kernels");
            if (Directory.Exists(kernels) && Directory.EnumerateFiles(kernels, "*" + SourceExtension).Any())
            {
                return new KernelFolder(kernels);
            }
        }

        throw new KernelException("no folder kernels/ here or above; run the tool inside the repository or name the folder with --kernels");
    }

    /// <summary>The headers that a source includes, directly or through others, in order of names.</summary>
    /// <exception cref="KernelException">One is missing.</exception>
    public IReadOnlyDictionary<string, string> HeadersOf(string source)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var open = new Stack<(string Name, string Text)>([(source, Sources[source])]);
        while (open.TryPop(out (string Name, string Text) file))
        {
            foreach (string line in file.Text.Split('\n').Where(static l => l.StartsWith("#include \"", StringComparison.Ordinal)))
            {
                string name = line.Split('"')[1];
                if (!Headers.TryGetValue(name, out string? text))
                {
                    throw new KernelException($"{file.Name} includes {name}, which is not in {Path}");
                }

                if (found.TryAdd(name, text))
                {
                    open.Push((name, text));
                }
            }
        }

        return found;
    }

    // Line ends are made equal, so that hashes and PTX do not depend on how a checkout writes them.
    private SortedDictionary<string, string> Read(string extension) => new(
        Directory.EnumerateFiles(Path, "*" + extension).ToDictionary(static f => System.IO.Path.GetFileName(f), static f => File.ReadAllText(f).ReplaceLineEndings("\n")), StringComparer.Ordinal);
}
