using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>What a search looks at: this machine, or one that a test has made up of folders.</summary>
internal sealed record SearchMachine
{
    /// <summary>Whether libraries have Windows names and places.</summary>
    public bool IsWindows { get; init; } = OperatingSystem.IsWindows();

    /// <summary>The processor's architecture.</summary>
    public Architecture Architecture { get; init; } = RuntimeInformation.ProcessArchitecture;

    /// <summary>The folder of the program.</summary>
    public string ApplicationFolder { get; init; } = AppContext.BaseDirectory;

    /// <summary>What absolute folders start with: the root of the file system.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The environment's variables.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Loads libraries.</summary>
    public ILibraryLoader Loader { get; init; } = new SystemLibraryLoader();

    /// <summary>The machine's library names.</summary>
    public LibraryNames Names => new(IsWindows);

    /// <summary>The folders of a variable that lists some, as absolute paths; empty where it is not set.</summary>
    public string[] VariablePaths(string name) =>
        [.. (Variable(name) ?? string.Empty).Split(IsWindows ? ';' : ':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Path.GetFullPath)];

    /// <summary>The subfolders that match a pattern, highest version first: <c>cuda-13.0</c> before <c>cuda-12.8</c> before <c>cuda-9.2</c>.</summary>
    public static IEnumerable<string> Subfolders(string folder, string pattern)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder, pattern).OrderByDescending(path => path, StringComparer.Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
