using System.Diagnostics;
using System.Globalization;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>How much others compute on this machine while something is measured: what disturbs a figure is said beside it.</summary>
/// <remarks>
/// Where the process may use every processor that the system shows, it is their busy time less the process's own. In a container that is given some of them, it is the time that the process's
/// threads have waited for a processor.
/// </remarks>
internal sealed class OtherLoad
{
    // In processors. The system's own housekeeping stays below it.
    private const double Disturbing = 0.15;

    private const string Statistics = "/proc/stat";
    private const string Threads = "/proc/self/task";

    // user nice system idle iowait irq softirq steal, in hundredths of a second (proc(5)); what a hypervisor takes is others' too.
    private const double TicksOfASecond = 100;
    private const double NanosecondsOfASecond = 1e9;
    private static readonly int[] Busy = [0, 1, 2, 5, 6, 7];

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly double _seconds = OthersSeconds();

    /// <summary>What disturbed a measurement since this was made, in words; null where nothing did, or where the system does not say.</summary>
    public string? Disturbance()
    {
        double processors = (OthersSeconds() - _seconds) / Stopwatch.GetElapsedTime(_started).TotalSeconds;
        return processors > Disturbing ? FormattableString.Invariant($"{processors:F1} processors were busy with others") : null;
    }

    private static double OthersSeconds()
    {
        if (!File.Exists(Statistics))
        {
            return 0;
        }

        string[] lines = [.. File.ReadLines(Statistics).TakeWhile(static line => line.StartsWith("cpu", StringComparison.Ordinal))];
        return lines.Length - 1 == Environment.ProcessorCount ? BusySeconds(lines[0]) - Environment.CpuUsage.TotalTime.TotalSeconds : WaitedSeconds();
    }

    private static double BusySeconds(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        return Busy.Sum(i => double.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksOfASecond;
    }

    /// <summary>How long all threads that live have been ready to run without running: the second number of each one's schedstat.</summary>
    private static double WaitedSeconds()
    {
        double nanoseconds = 0;
        foreach (string thread in Directory.GetDirectories(Threads))
        {
            try
            {
                nanoseconds += double.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile, or the system keeps no such count.
            }
        }

        return nanoseconds / NanosecondsOfASecond;
    }
}
