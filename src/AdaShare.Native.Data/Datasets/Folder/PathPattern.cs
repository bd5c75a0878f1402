using System.Text;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>A pattern of paths: <c>*</c> is any part of one name, <c>**</c> any folders, <c>?</c> one character. Separators are <c>/</c>; letters of endings count in any case.</summary>
internal sealed class PathPattern
{
    private readonly Regex _regex;

    /// <summary>Reads a pattern.</summary>
    public PathPattern(string text)
    {
        Text = text;
        var regex = new StringBuilder("^");
        for (int i = 0; i < text.Length; i++)
        {
            if (text.AsSpan(i).StartsWith("**/"))
            {
                regex.Append("(?:[^/]+/)*");
                i += 2;
            }
            else if (text.AsSpan(i).StartsWith("**"))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(text[i] switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape(text[i].ToString()) });
            }
        }

        _regex = new Regex(regex.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        int wild = text.IndexOfAny(['*', '?']);
        Folder = wild < 0 ? Path.GetDirectoryName(text) ?? "" : text[..wild].LastIndexOf('/') is int slash and >= 0 ? text[..slash] : "";
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The folder beneath which everything that fits lies; empty for the whole.</summary>
    public string Folder { get; }

    /// <summary>Whether a path, with <c>/</c> between its folders, fits.</summary>
    public bool Fits(string path) => _regex.IsMatch(path);
}
