using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>A picture that a list names.</summary>
/// <param name="Path">Its path, relative to the folder of the domains.</param>
/// <param name="Class">Its class, from 0.</param>
internal sealed record ListedPicture(string Path, int Class)
{
    /// <summary>Its path without its ending.</summary>
    public string Id => Path[..^System.IO.Path.GetExtension(Path).Length];
}

/// <summary>Lists of pictures, a line for each: its path, a blank, and the number of its class. The folder that a picture lies in is the name of its class.</summary>
/// <param name="layout">The data set.</param>
/// <param name="below">The folder that paths are relative to.</param>
internal sealed class DomainList(DomainLayout layout, string below)
{
    private readonly string?[] _names = new string?[layout.Classes];

    /// <summary>The names of the classes that the lists read so far have, up to the last of them.</summary>
    public IReadOnlyList<string> Names => [.. _names.Take(Array.FindLastIndex(_names, static name => name is not null) + 1).Select(static (name, c) => name ?? c.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Reads a list.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It is missing or damaged, a path leads out of the folder, or a class has two names; the message names file and line.</exception>
    public IReadOnlyList<ListedPicture> Read(string path)
    {
        var paths = new ListedPaths(below, path);
        var pictures = new List<ListedPicture>();
        int line = 0;
        foreach (string text in Encoding.UTF8.GetString(CodecFile.Read(path)).TrimStart('\uFEFF').Split('\n').Select(static text => text.Trim()))
        {
            line++;
            if (text.Length > 0)
            {
                pictures.Add(Picture(paths, line, text));
            }
        }

        return pictures.Count > 0 ? pictures : throw new DataException($"{path}: is empty; expected a line for each picture, its path and its class");
    }

    private ListedPicture Picture(ListedPaths paths, int line, string text)
    {
        string where = $"{paths.List}, line {line}";
        int blank = text.LastIndexOf(' '), last = layout.FirstClass + layout.Classes - 1;
        if (blank <= 0 || !int.TryParse(text.AsSpan(blank + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < layout.FirstClass || number > last)
        {
            throw new DataException($"{where}: is '{Shown.Of(text)}'; expected a path, a blank and a class from {layout.FirstClass} to {last}");
        }

        string path = paths.Inside(text[..blank].TrimEnd());
        string[] folders = path.Split('/');
        int c = number - layout.FirstClass;
        string name = folders.Length > 1 ? folders[^2] : throw new DataException($"{where}: '{Shown.Of(path)}' lies in no folder of a class; expected domain/class/image");
        string known = _names[c] ??= name;
        return known == name ? new(path, c) : throw new DataException($"{where}: class {number} is {Shown.Of(name)} here and {Shown.Of(known)} elsewhere; expected one name for a class");
    }
}
