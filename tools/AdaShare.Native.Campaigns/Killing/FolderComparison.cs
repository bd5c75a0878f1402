using System.Text;
using System.Text.Json.Nodes;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>Compares what two runs left behind, byte for byte, without what a clock measured.</summary>
public static class FolderComparison
{
    // Checkpoints to go on from, the log, and results hold times beside what must be equal; the rest are times or names of folders only.
    private static readonly string[] Times = ["seconds", "times", "images_per_second", "elapsed", "time"];
    private static readonly string[] LeftOut = ["study-spec.json", "study.csv", "study.md", "report.html"];

    /// <summary>The files that differ, by their paths below the folders, with the number of bytes in which they do; a file that only one has counts whole.</summary>
    /// <param name="expected">The folder of the run that nothing disturbed.</param>
    /// <param name="found">The other one's.</param>
    public static IReadOnlyDictionary<string, long> Differences(string expected, string found)
    {
        var differences = new SortedDictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, string> ours = Files(expected), theirs = Files(found);
        foreach (string name in ours.Keys.Union(theirs.Keys))
        {
            byte[] one = ours.TryGetValue(name, out string? a) ? Content(a) : [], two = theirs.TryGetValue(name, out string? b) ? Content(b) : [];
            long bytes = Math.Abs(one.Length - two.Length) + one.Zip(two).LongCount(static pair => pair.First != pair.Second);
            if (bytes > 0 || a is null || b is null)
            {
                differences[name] = Math.Max(1, bytes);
            }
        }

        return differences;
    }

    private static Dictionary<string, string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(static file => !LeftOut.Contains(Path.GetFileName(file)))
        .ToDictionary(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));

    private static byte[] Content(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return Path.GetFileName(path) switch
        {
            // The header holds the run's state, which knows how long the log is and how long the run took; the elements must be equal.
            "latest.safetensors" => bytes[(sizeof(long) + (int)BitConverter.ToInt64(bytes))..],
            var name when name.EndsWith(".json", StringComparison.Ordinal) => WithoutTimes(Encoding.UTF8.GetString(bytes)),
            var name when name.EndsWith(".jsonl", StringComparison.Ordinal) => [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(WithoutTimes)],
            _ => bytes,
        };
    }

    private static byte[] WithoutTimes(string json)
    {
        JsonNode? root = JsonNode.Parse(json);
        Strip(root);
        return Encoding.UTF8.GetBytes(root?.ToJsonString() + "\n");
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (string name in Times)
            {
                members.Remove(name);
            }

            members.ToList().ForEach(static member => Strip(member.Value));
        }
        else if (node is JsonArray items)
        {
            items.ToList().ForEach(Strip);
        }
    }
}
