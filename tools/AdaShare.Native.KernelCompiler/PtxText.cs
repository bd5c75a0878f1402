using System.Text;
using System.Text.RegularExpressions;

namespace AdaShare.Native.KernelCompiler;

/// <summary>Makes the compiler's PTX fit to be committed: the same on every machine, and not longer than line numbers need.</summary>
/// <remarks>
/// File names lose the folder that the compiler puts before them. Of line information the file and line of each instruction stay; the chains of inlined calls, which
/// triple the size, go, and with them the debug section that names their functions.
/// </remarks>
public static partial class PtxText
{
    /// <summary>Rewrites a module.</summary>
    /// <param name="ptx">What NVRTC made with line information.</param>
    public static string Trim(string ptx)
    {
        var text = new StringBuilder(ptx.Length);
        string? written = null, pending = null;
        bool inSection = false;
        foreach (string line in ptx.ReplaceLineEndings("\n").TrimEnd('\n', '\0').Split('\n'))
        {
            if (line.Contains(".section", StringComparison.Ordinal))
            {
                inSection = true;
            }
            else if (inSection)
            {
                inSection = line.Trim() != "}";
            }
            else if (LocationPattern().Match(line) is { Success: true } location)
            {
                // Line 0 is the compiler's own code: it stays with the line before.
                pending = location.Groups[2].Value == "0" ? pending : $"\t.loc\t{location.Groups[1].Value} {location.Groups[2].Value} 0\n";
            }
            else
            {
                // Of places without an instruction between them the last counts; blank lines are no instruction, and a new function begins without a place.
                if (pending is not null && line.Length > 0)
                {
                    text.Append(pending == written ? "" : pending);
                    (written, pending) = (pending, null);
                }

                written = line.StartsWith('}') ? null : written;
                text.Append(FilePattern().Replace(line.TrimEnd(), "$1\"$2\"")).Append('\n');
            }
        }

        return BlankLines().Replace(text.ToString(), "\n\n").TrimEnd('\n') + "\n";
    }

    /// <summary>The full version of the compiler, from the comment that it leaves, for example <c>11.8.89</c>.</summary>
    public static string CompilerVersion(string ptx) => VersionPattern().Match(ptx) is { Success: true } match ? match.Groups[1].Value : "unknown";

    [GeneratedRegex(@"^\s*\.loc\s+(\d+)\s+(\d+)\s")]
    private static partial Regex LocationPattern();

    [GeneratedRegex(@"^(\s*\.file\s+\d+\s+)""(?:[^""]*[/\\])?([^""/\\]+)"".*$")]
    private static partial Regex FilePattern();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex BlankLines();

    [GeneratedRegex(@"release \S+, V(\S+)")]
    private static partial Regex VersionPattern();
}
