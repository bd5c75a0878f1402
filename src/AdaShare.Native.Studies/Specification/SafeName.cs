using System.Security.Cryptography;
using System.Text;

namespace AdaShare.Native.Studies.Specification;

/// <summary>Turns words of a study file into names that every file system takes.</summary>
internal static class SafeName
{
    private const int Longest = 60;
    private const int HashDigits = 8;

    // On some file systems names of these bases are devices whatever their ending.
    private static readonly string[] Reserved = ["con", "prn", "aux", "nul"];

    /// <summary>Letters of ASCII in lower case, digits and single hyphens, full stops and underscores; the same for the same words at every start.</summary>
    /// <param name="words">Any text.</param>
    /// <returns>The name, or an empty text where no letter or digit is left.</returns>
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
        name = Reserved.Contains(name) ? name + "_" : name;
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
