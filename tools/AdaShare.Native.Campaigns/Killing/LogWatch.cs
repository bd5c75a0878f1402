using System.Text;
using System.Text.Json;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>Follows the logs of all runs below a folder: how many lines have come since the watch began, and of which phase the last one is.</summary>
/// <param name="folder">The folder; it may be missing yet.</param>
internal sealed class LogWatch(string folder)
{
    private const string LogName = "log.jsonl";

    private readonly Dictionary<string, long> _lengths = Directory.Exists(folder) ? Logs(folder).ToDictionary(static log => log, static log => new FileInfo(log).Length) : [];

    /// <summary>Lines since the watch began.</summary>
    public int Lines { get; private set; }

    /// <summary>The phase of the last of them; null before the first.</summary>
    public string? Phase { get; private set; }

    /// <summary>Looks for new lines.</summary>
    public void Look()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string log in Logs(folder))
        {
            long before = _lengths.GetValueOrDefault(log), now = new FileInfo(log).Length;
            if (now > before)
            {
                Take(log, before, (int)(now - before));
            }

            // A run that goes on cuts off what it does again.
            _lengths[log] = now;
        }
    }

    private void Take(string log, long start, int count)
    {
        var bytes = new byte[count];
        using (var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            stream.Position = start;
            count = stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false);
        }

        foreach (string line in Encoding.UTF8.GetString(bytes, 0, count).Split('\n').SkipLast(1))
        {
            Lines++;
            Phase = PhaseOf(line) ?? Phase;
        }
    }

    private static string? PhaseOf(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("phase").GetString();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // The rest of a line whose beginning was seen before.
            return null;
        }
    }

    private static IEnumerable<string> Logs(string folder) => Directory.EnumerateFiles(folder, LogName, SearchOption.AllDirectories);
}
