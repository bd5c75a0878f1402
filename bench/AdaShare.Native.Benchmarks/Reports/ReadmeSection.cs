using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>The part of a README that the report writes: what lies between two comments.</summary>
internal static class ReadmeSection
{
    /// <summary>The line before it.</summary>
    public const string Begin = "<!-- bench:begin -->";

    /// <summary>The line after it.</summary>
    public const string End = "<!-- bench:end -->";

    /// <summary>Puts a text between the comments of a file; the rest stays as it is.</summary>
    /// <returns>Whether that changed the file.</returns>
    /// <exception cref="DataException">The file is not there, or has no such comments.</exception>
    public static bool Replace(string path, string text)
    {
        if (!File.Exists(path))
        {
            throw new DataException($"{path}: there is no such file; name the one that the table shall stand in with --readme");
        }

        string old = File.ReadAllText(path);
        string changed = Replaced(path, old, text);
        if (changed == old)
        {
            return false;
        }

        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(changed);
        });
        return true;
    }

    private static string Replaced(string path, string old, string text)
    {
        int begin = old.IndexOf(Begin, StringComparison.Ordinal), end = old.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new DataException($"{path}: has no {Begin} with {End} after it; add both where the table shall stand");
        }

        return $"{old[..(begin + Begin.Length)]}\n\n{text}{old[end..]}";
    }
}
