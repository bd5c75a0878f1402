using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AdaShare.Native.KernelCompiler;

/// <summary>ptxas, the assembler of the CUDA toolkit, which tells what a kernel needs on each architecture.</summary>
public sealed partial class Ptxas
{
    /// <summary>The environment variable that names the program.</summary>
    public const string Variable = "ADASHARE_PTXAS";

    private readonly string _path;

    private Ptxas(string path, string version) => (_path, Version) = (path, version);

    /// <summary>The version, for example <c>11.8.89</c>.</summary>
    public string Version { get; }

    /// <summary>Finds the program.</summary>
    /// <param name="path">Where it is, or null to look.</param>
    /// <exception cref="ToolMissingException">It is not there.</exception>
    public static Ptxas Find(string? path = null) => TryFind(path) ?? throw new ToolMissingException(path is null
        ? $"ptxas was not found by the environment variable {Variable} nor on the PATH. Install it: it is part of Debian's package nvidia-cuda-toolkit (component non-free) and of every CUDA toolkit."
        : $"{path} is not a ptxas that runs; name the program of a CUDA toolkit");

    /// <summary>Finds the program, or returns null where it is not on this machine.</summary>
    /// <param name="path">Where it is, or null to look.</param>
    public static Ptxas? TryFind(string? path = null)
    {
        IEnumerable<string> candidates = path is not null ? [path] : Candidates();
        foreach (string candidate in candidates.Where(File.Exists))
        {
            (int status, string text) = Start(candidate, ["--version"]);
            Match version = VersionPattern().Match(text);
            if (status == 0 && version.Success)
            {
                return new Ptxas(candidate, version.Groups[1].Value);
            }
        }

        return null;
    }

    /// <summary>Assembles a module.</summary>
    /// <param name="ptx">The module.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="architecture">For example <c>sm_80</c>.</param>
    /// <returns>The figures of every kernel by name.</returns>
    /// <exception cref="KernelException">The assembler refuses the module; the message holds its words.</exception>
    public IReadOnlyDictionary<string, KernelFigures> Assemble(string ptx, string name, string architecture)
    {
        string folder = Directory.CreateTempSubdirectory("kernels").FullName;
        try
        {
            string source = Path.Combine(folder, "module.ptx");
            File.WriteAllText(source, ptx);
            (int status, string log) = Start(_path, [$"-arch={architecture}", "-v", "-o", Path.Combine(folder, "module.cubin"), source]);
            return status == 0 ? Parse(log) : throw new KernelException($"ptxas refuses {name} for {architecture}:\n{log}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads the figures from what <c>ptxas -v</c> prints.</summary>
    internal static IReadOnlyDictionary<string, KernelFigures> Parse(string log)
    {
        var figures = new Dictionary<string, KernelFigures>();
        string? kernel = null;
        (int stack, int stores, int loads) = (0, 0, 0);
        foreach (string line in log.Split('\n'))
        {
            if (EntryPattern().Match(line) is { Success: true } entry)
            {
                kernel = entry.Groups[1].Value;
            }
            else if (SpillPattern().Match(line) is { Success: true } spill)
            {
                (stack, stores, loads) = (Number(spill, 1), Number(spill, 2), Number(spill, 3));
            }
            else if (kernel is not null && RegisterPattern().Match(line) is { Success: true } registers)
            {
                Match shared = SharedPattern().Match(line);
                figures[kernel] = new KernelFigures(Number(registers, 1), shared.Success ? Number(shared, 1) : 0, stack, stores + loads);
                kernel = null;
            }
        }

        return figures;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan);

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            yield return named;
        }

        string file = OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return Path.Combine(folder, file);
        }

        if (Environment.GetEnvironmentVariable("CUDA_PATH") is { Length: > 0 } toolkit)
        {
            yield return Path.Combine(toolkit, "bin", file);
        }

        yield return Path.Combine("/usr/local/cuda/bin", file);
    }

    private static (int Status, string Text) Start(string path, IEnumerable<string> arguments)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true } };
        process.Start();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    [GeneratedRegex(@"release \S+, V(\S+)")]
    private static partial Regex VersionPattern();

    [GeneratedRegex("Compiling entry function '([^']+)'")]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex SpillPattern();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedPattern();
}
