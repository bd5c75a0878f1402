using System.Globalization;
using System.Runtime.InteropServices;

namespace AdaShare.Native.Bench;

/// <summary>The process's resident memory as Linux counts it, the measure that is the same for both sides of the comparison.</summary>
internal static partial class ResidentMemory
{
    private const string PeakKey = "VmHWM:";
    private const long Kibibyte = 1024;

    // Writing 5 makes the peak start anew from what is resident now (proc(5), clear_refs).
    private const string ResetCode = "5";

    /// <summary>Starts the peak anew.</summary>
    /// <returns><c>ok</c>.</returns>
    /// <exception cref="IOException">The system has no such file: it is not Linux.</exception>
    public static string ResetPeak()
    {
        // What only set-up needed shall not count: collect it, and let the C library hand free pages back, as PyTorch's process does.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = TrimFreePages(0);
        File.WriteAllText("/proc/self/clear_refs", ResetCode);
        return "ok";
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimFreePages(nuint keep);

    /// <summary>The highest number of resident bytes since the start or <see cref="ResetPeak"/>.</summary>
    /// <exception cref="IOException">The system has no such file: it is not Linux.</exception>
    public static long Peak()
    {
        string line = File.ReadLines("/proc/self/status").First(static l => l.StartsWith(PeakKey, StringComparison.Ordinal));
        return Kibibyte * long.Parse(line.AsSpan(PeakKey.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
