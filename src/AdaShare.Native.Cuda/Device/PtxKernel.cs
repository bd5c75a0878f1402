using System.Globalization;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Cuda.Device;

/// <summary>A parameter of a kernel, as its PTX declares it.</summary>
/// <param name="Type">The declared type without its dot, for example <c>u64</c>; <c>b8[16]</c> for a struct.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsPointer">Whether it is known to be a pointer: declared as one, or used as an address. Not every pointer is known.</param>
internal sealed record PtxParameter(string Type, int Bytes, bool IsPointer)
{
    /// <summary>Whether it is a number of floating point.</summary>
    public bool IsFloating => Type is "f32" or "f64";

    /// <summary>Whether it is a struct, passed by value.</summary>
    public bool IsStruct => Type.Contains('[', StringComparison.Ordinal);
}

/// <summary>What the text of a module says of one of its kernels, so that a launch can be checked: the driver itself takes whatever it is given.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Parameters">Its parameters, in order.</param>
internal sealed partial record PtxKernel(string Name, IReadOnlyList<PtxParameter> Parameters)
{
    /// <summary>The kernels of a module by name.</summary>
    public static IReadOnlyDictionary<string, PtxKernel> Read(string ptx)
    {
        string text = Comment().Replace(ptx, "");
        var kernels = new Dictionary<string, PtxKernel>(StringComparer.Ordinal);
        MatchCollection entries = Entry().Matches(text);
        for (int i = 0; i < entries.Count; i++)
        {
            Match entry = entries[i];
            int start = entry.Index + entry.Length, end = i + 1 < entries.Count ? entries[i + 1].Index : text.Length;
            string name = entry.Groups["name"].Value;
            kernels[name] = new PtxKernel(name, [.. Parameter().Matches(entry.Groups["parameters"].Value).Select(parameter => Declared(parameter, text[start..end]))]);
        }

        return kernels;
    }

    /// <summary>The compute capability that a module is compiled for; null where the text names none, and so is no PTX.</summary>
    public static Version? TargetOf(string ptx) => Target().Match(ptx) is { Success: true } target && int.Parse(target.Groups["number"].Value, CultureInfo.InvariantCulture) is var number
        ? new Version(number / 10, number % 10)
        : null;

    private static PtxParameter Declared(Match parameter, string body)
    {
        string type = parameter.Groups["type"].Value;
        int bytes = int.Parse(Digits().Match(type).Value, CultureInfo.InvariantCulture) / 8;
        return parameter.Groups["count"] is { Success: true } count
            ? new PtxParameter($"{type}[{count.Value}]", bytes * int.Parse(count.Value, CultureInfo.InvariantCulture), IsPointer: false)
            : new PtxParameter(type, bytes, parameter.Groups["pointer"].Success || IsAddress(parameter.Groups["name"].Value, body));
    }

    /// <summary>Whether a kernel converts a parameter into an address of global memory, as the compilers do with every pointer that they know to be one.</summary>
    private static bool IsAddress(string parameter, string body) =>
        Regex.Match(body, $@"ld\.param\.[ub]64\s+(?<register>%\w+)\s*,\s*\[\s*{Regex.Escape(parameter)}\s*\]") is { Success: true } load &&
        Regex.IsMatch(body, $@"cvta\.to\.global\.u64\s+%\w+\s*,\s*{Regex.Escape(load.Groups["register"].Value)}\s*;");

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*(\((?<parameters>[^)]*)\))?")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(\.align\s+\d+\s+)?\.(?<type>[usbf]\d+)\s+(?<pointer>\.ptr\s+(\.(global|const|shared|local)\s+)?(\.align\s+\d+\s+)?)?(?<name>[\w$]+)\s*(\[\s*(?<count>\d+)\s*\])?")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.target\s+sm_(?<number>\d+)")]
    private static partial Regex Target();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
