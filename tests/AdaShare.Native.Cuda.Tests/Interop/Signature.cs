using System.Text.RegularExpressions;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>A C function as NVIDIA's headers declare it.</summary>
/// <param name="First">The first CUDA version whose headers have it as it stands, 1000 major + 10 minor; 0 for all that were read.</param>
/// <param name="Last">The last one.</param>
/// <param name="Result">The type of its result.</param>
/// <param name="Parameters">The types of its parameters.</param>
internal sealed record Signature(int First, int Last, string Result, IReadOnlyList<string> Parameters)
{
    /// <summary>Reads the signatures of a file of the test data.</summary>
    public static Dictionary<string, Signature> Read(string name) =>
        File.ReadLines(TestData.File("signatures", name)).Select(line => Regex.Match(line, @"^(?:\[(\d+)\.\.(\d+)\])?\s*(.+?)\s*\b(\w+)\((.*)\)$")).Where(match => match.Success)
            .ToDictionary(match => match.Groups[4].Value, match => Of(match.Groups));

    private static Signature Of(GroupCollection groups)
    {
        string[] parameters = groups[5].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        return new Signature(
            groups[1].Success ? int.Parse(groups[1].Value) : 0, groups[2].Success ? int.Parse(groups[2].Value) : int.MaxValue, groups[3].Value,
            [.. parameters.Select(parameter => parameter[..parameter.LastIndexOf(' ')].Replace("const ", string.Empty, StringComparison.Ordinal))]);
    }
}
