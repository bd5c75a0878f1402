using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Methods.Tests;

/// <summary>What a run writes, without the times that it took: all else is the same for every run of one configuration, interrupted or not.</summary>
internal static partial class Untimed
{
    /// <summary>The lines of log.jsonl.</summary>
    public static string[] Log(string path) => [.. File.ReadLines(path).Select(static line => Speed().Replace(line, string.Empty))];

    /// <summary>The text of metrics.json.</summary>
    public static string Metrics(string path)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        JsonObject budget = root["budget"]!.AsObject();
        Assert.That(budget, Is.Not.Empty, "every phase says what it spent");
        foreach ((string phase, JsonNode? spent) in budget)
        {
            Assert.That(spent!.AsObject().Remove("seconds"), $"{phase} says how long it took");
        }

        return root.ToJsonString();
    }

    [GeneratedRegex(",\"(images_per_second|elapsed|time)\":[^,}]*")]
    private static partial Regex Speed();
}
