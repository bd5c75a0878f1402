using System.Security.Cryptography;
using System.Text;

namespace AdaShare.Native.Studies.Specification;

/// <summary>Turns words of a study file into names that every file system takes.</summary>
internal static class SafeName
{
    private const int Longest = 60;
    private const int HashDigits = 8;

    // On some file systems names that begin with these words and a full stop, or are one of them, are devices.
    private static readonly string[] Devices = ["con", "prn", "aux", "nul"];
    private static readonly string[] Ports = ["com", "lpt"];

    /// <summary>Letters of ASCII in lower case, digits and single hyphens, full stops and underscores; the same for the same words at every start.</summary>
    /// <param name="words">Any text.</param>
    /// <returns>The name, or an empty text where no letter of ASCII and no digit is left.</returns>
    public static string Of(string words)
    {
        var text = new StringBuilder();
        foreach (char c in words)
        {
            char next = char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? char.ToLowerInvariant(c) : '-';
            if (next != '-' || (text.Length > 0 && text[^1] != '-'))
            {
                text.Append(next);
            }
        }

        string name = text.ToString().Trim('-', '.', '_');
        string first = name.Split('.')[0];
        bool device = Devices.Contains(first) || (first.Length == 4 && Ports.Contains(first[..3]) && char.IsAsciiDigit(first[3]));
        name = device ? $"{first}_{name[first.Length..]}" : name;
        return name.Length <= Longest ? name : $"{name[..(Longest - HashDigits - 1)].TrimEnd('-', '.')}-{Hash(words)}";
    }

    /// <summary>The name of a grid point: its own, or one made of its settings, the last part of each key with its value.</summary>
    public static string Of(StudyGridPoint point) => point.Name is { Length: > 0 } name
        ? Of(name)
        : Of(string.Join("-", point.Set.Select(static setting => Assignment.Parse(setting)).Select(static pair => $"{pair.Key.Split('.')[^1]}-{Signed(pair.Value)}")));

    // A hyphen between words swallows a sign: -1 and 1 would be one name.
    private static string Signed(string value) => value.Replace("-", "m", StringComparison.Ordinal);

    private static string Hash(string words) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(words)))[..HashDigits];
}
