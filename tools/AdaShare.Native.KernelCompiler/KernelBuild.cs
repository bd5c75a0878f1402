using System.Security.Cryptography;
using System.Text;

namespace AdaShare.Native.KernelCompiler;

/// <summary>One run over all kernels: the PTX of every module for every target, and the manifest.</summary>
public sealed class KernelBuild
{
    /// <summary>
    /// The compiler's options but for the target. Lambdas that bodies of loops are made of need the device as their place; lines let a simulator or a debugger say where.
    /// </summary>
    public static readonly IReadOnlyList<string> Options = ["--std=c++17", "--device-as-default-execution-space", "--generate-line-info"];

    /// <summary>The targets, and the architectures that run each one's PTX.</summary>
    public static readonly IReadOnlyList<(string Target, string[] Architectures)> Targets =
    [
        ("compute_75", ["sm_75"]),
        ("compute_80", ["sm_80", "sm_86", "sm_89", "sm_90"]),
    ];

    private KernelBuild(IReadOnlyDictionary<string, string> files, KernelManifest manifest) => (Files, Manifest) = (files, manifest);

    /// <summary>PTX by file name: <c>module.target.ptx</c>.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>The manifest.</summary>
    public KernelManifest Manifest { get; }

    /// <summary>Compiles and assembles everything.</summary>
    /// <exception cref="KernelException">A kernel does not compile, or spills registers.</exception>
    public static KernelBuild Run(KernelFolder folder, Nvrtc compiler, Ptxas assembler)
    {
        // Most of the time goes to the assembler, which runs as a process of its own.
        (KernelModule Module, IReadOnlyDictionary<string, string> Files)[] parts;
        try
        {
            parts = [.. folder.Units.AsParallel().AsOrdered().Select(unit => Module(folder, unit, compiler, assembler))];
        }
        catch (AggregateException failures) when (failures.InnerExceptions.OfType<KernelException>().FirstOrDefault() is { } first)
        {
            throw new KernelException(first.Message);
        }

        var files = new SortedDictionary<string, string>(parts.SelectMany(static p => p.Files).ToDictionary(), StringComparer.Ordinal);
        return new KernelBuild(files, new KernelManifest(PtxText.CompilerVersion(files.Values.First()), assembler.Version, Options, [.. parts.Select(static p => p.Module)]));
    }

    /// <summary>The PTX of one module for one target, as it is committed.</summary>
    public static string Compile(KernelFolder folder, KernelUnit unit, string target, Nvrtc compiler) =>
        PtxText.Trim(compiler.Compile(unit.Source, folder.Sources[unit.Source], folder.HeadersOf(unit.Source), [$"--gpu-architecture={target}", .. Options, .. unit.Options]));

    /// <summary>SHA-256 of a source and its headers, each with its name.</summary>
    public static string SourceHash(KernelFolder folder, string source)
    {
        var text = new StringBuilder().Append(source).Append('\0').Append(folder.Sources[source]);
        foreach ((string name, string header) in folder.HeadersOf(source))
        {
            text.Append('\0').Append(name).Append('\0').Append(header);
        }

        return Hash(text.ToString());
    }

    /// <summary>SHA-256 of a text in UTF-8, in lower-case hexadecimal digits.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes the PTX and the manifest, and removes PTX that no source makes any more.</summary>
    public void Write(KernelFolder folder)
    {
        Directory.CreateDirectory(folder.PtxPath);
        foreach (string stale in Directory.EnumerateFiles(folder.PtxPath).Where(f => !Files.ContainsKey(Path.GetFileName(f))))
        {
            File.Delete(stale);
        }

        foreach ((string name, string text) in Files)
        {
            File.WriteAllText(Path.Combine(folder.PtxPath, name), text);
        }

        File.WriteAllText(folder.ManifestPath, Manifest.ToJson());
    }

    /// <summary>What differs between this build and the folder's PTX and manifest, a line each; no difference is an empty list.</summary>
    public IReadOnlyList<string> Compare(KernelFolder folder)
    {
        var differences = new List<string>();
        foreach ((string name, string text) in Files)
        {
            string path = Path.Combine(folder.PtxPath, name);
            if (!File.Exists(path))
            {
                differences.Add($"{name} is missing");
            }
            else if (File.ReadAllText(path).ReplaceLineEndings("\n") != text)
            {
                differences.Add($"{name} is not what its source compiles to");
            }
        }

        if (Directory.Exists(folder.PtxPath))
        {
            differences.AddRange(Directory.EnumerateFiles(folder.PtxPath).Select(f => Path.GetFileName(f)).Where(f => !Files.ContainsKey(f)).Select(f => $"{f} has no source"));
        }

        if (!File.Exists(folder.ManifestPath) || File.ReadAllText(folder.ManifestPath).ReplaceLineEndings("\n") != Manifest.ToJson())
        {
            differences.Add("the manifest does not hold the figures of this build");
        }

        return differences;
    }

    private static (KernelModule Module, IReadOnlyDictionary<string, string> Files) Module(KernelFolder folder, KernelUnit unit, Nvrtc compiler, Ptxas assembler)
    {
        (string module, string source) = (unit.Module, unit.Source);
        var files = new Dictionary<string, string>();
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var figures = new SortedDictionary<string, Dictionary<string, KernelFigures>>(StringComparer.Ordinal);
        foreach ((string target, string[] architectures) in Targets)
        {
            string ptx = Compile(folder, unit, target, compiler), file = $"{module}.{target}.ptx";
            files[file] = ptx;
            hashes[file] = Hash(ptx);
            foreach (string architecture in architectures)
            {
                foreach ((string kernel, KernelFigures needs) in assembler.Assemble(ptx, file, architecture))
                {
                    RefuseSpills(source, kernel, architecture, needs);
                    figures.TryAdd(kernel, []);
                    figures[kernel][architecture] = needs;
                }
            }
        }

        var entry = new KernelModule(
            module, source, unit.Options, SourceHash(folder, source), [.. folder.HeadersOf(source).Keys], hashes, [.. figures.Select(static k => new KernelEntry(k.Key, k.Value))]);
        return (entry, files);
    }

    private static void RefuseSpills(string source, string kernel, string architecture, KernelFigures needs)
    {
        if (needs.SpillBytes > 0 || needs.StackBytes > 0)
        {
            throw new KernelException(
                $"{source}: {kernel} spills on {architecture}: {needs.Registers} registers, {needs.SpillBytes} bytes spilled, {needs.StackBytes} bytes of stack; " +
                "let it keep less at once, or unroll less");
        }
    }
}
