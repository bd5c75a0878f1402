using System.Runtime.InteropServices;

namespace AdaShare.Native.Benchmarking.Results;

/// <summary>Names the processor, so that figures of different ones are not taken for one history.</summary>
internal static class ProcessorName
{
    private const string Information = "/proc/cpuinfo";

    /// <summary>The name of this machine's processor.</summary>
    public static string OfThisMachine() => (File.Exists(Information) ? Of(File.ReadLines(Information)) : null)
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The name that Linux gives, with family and model: a hypervisor may give several generations the same name.</summary>
    /// <param name="information">The lines of <c>/proc/cpuinfo</c>.</param>
    /// <returns>The name, or null where there is none (Linux on ARM).</returns>
    public static string? Of(IEnumerable<string> information)
    {
        // The first processor's lines, up to an empty one.
        Dictionary<string, string> facts = [];
        foreach (string line in information.TakeWhile(static line => line.Length > 0))
        {
            string[] parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
            facts[parts[0]] = parts[^1];
        }

        return !facts.TryGetValue("model name", out string? name) ? null
            : facts.TryGetValue("cpu family", out string? family) && facts.TryGetValue("model", out string? model) ? $"{name} (family {family}, model {model})" : name;
    }
}
