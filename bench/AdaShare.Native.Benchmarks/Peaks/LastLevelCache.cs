using System.Globalization;

namespace AdaShare.Native.Benchmarks.Peaks;

/// <summary>How large the processor's last caches are together, so that a working set can be made larger.</summary>
internal static class LastLevelCache
{
    private const string Processors = "/sys/devices/system/cpu";
    private const long Kibibyte = 1024;

    // Where the system does not say.
    private const long Assumed = 64L << 20;

    /// <summary>The bytes of all caches of the highest level.</summary>
    public static long Bytes { get; } = Read();

    private static long Read()
    {
        try
        {
            // Each processor lists its caches; those that several share appear once for each set of processors.
            var caches = new Dictionary<(int Level, string SharedBy), long>();
            IEnumerable<string> folders = Directory.GetDirectories(Processors, "cpu*").Select(static cpu => $"{cpu}/cache").Where(Directory.Exists);
            foreach (string cache in folders.SelectMany(static folder => Directory.GetDirectories(folder, "index*")))
            {
                int level = int.Parse(Line(cache, "level"), CultureInfo.InvariantCulture);
                caches[(level, Line(cache, "shared_cpu_list"))] = long.Parse(Line(cache, "size").TrimEnd('K'), CultureInfo.InvariantCulture) * Kibibyte;
            }

            int last = caches.Keys.Select(static key => key.Level).DefaultIfEmpty().Max();
            return last == 0 ? Assumed : caches.Where(cache => cache.Key.Level == last).Sum(static cache => cache.Value);
        }
        catch (Exception error) when (error is IOException or FormatException or UnauthorizedAccessException)
        {
            return Assumed;
        }
    }

    private static string Line(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();
}
