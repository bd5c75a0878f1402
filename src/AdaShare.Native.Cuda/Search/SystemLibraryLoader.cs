using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>The operating system's loader. Libraries that have started are never unloaded: NVIDIA's ones keep threads and handlers for the life of the process.</summary>
internal sealed class SystemLibraryLoader : ILibraryLoader
{
    public nint Load(string name, out string error)
    {
        error = string.Empty;
        try
        {
            return NativeLibrary.Load(name);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            error = Reason(e.Message, name);
            return 0;
        }
    }

    public void Free(nint library) => NativeLibrary.Free(library);

    public nint Export(nint library, string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;

    public IReadOnlyList<string> LoadedPaths()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            return [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName)];
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or NotSupportedException)
        {
            return [];
        }
    }

    /// <summary>What the operating system's loader says about a file, out of .NET's message, whose last line it is.</summary>
    internal static string Reason(string message, string name)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string line = lines.Length == 0 ? "no reason was given" : lines[^1];
        return line.StartsWith(name + ": ", StringComparison.Ordinal) ? line[(name.Length + 2)..] : line;
    }
}
