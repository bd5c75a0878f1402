using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

/// <summary>The paths that a list of examples names, held inside the data set's folder.</summary>
/// <remarks>
/// A list may come from anywhere, so its text can't lead out of the folder: no absolute path, and no more steps up than down. Links are another matter: only
/// who may write to the folder can make them, and data sets are often folders of links (to an annex, to another disk), so a link may lead out. It must lead to
/// a file, and that file, not the link, is what an image is told apart by.
/// </remarks>
/// <param name="root">The data set's folder.</param>
/// <param name="list">The list, for messages.</param>
internal sealed class ListedPaths(string root, string list)
{
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>The list, for messages.</summary>
    public string List => list;

    /// <summary>A path of the list in one spelling, relative to the folder: without <c>.</c>, <c>..</c> and doubled separators.</summary>
    /// <exception cref="DataException">It leads out of the folder, or is none.</exception>
    public string Inside(string path)
    {
        bool unprintable = path.Any(char.IsControl);
        string cause = unprintable ? "has a control character in it"
            : Path.IsPathRooted(path) ? "is absolute"
            : "leads out of the folder";
        if (!unprintable && !Path.IsPathRooted(path))
        {
            string relative = Path.GetRelativePath(_root, Path.GetFullPath(Path.Combine(_root, path)));
            bool leaves = relative == "." || relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.IsPathRooted(relative);
            if (!leaves)
            {
                return Path.DirectorySeparatorChar == '/' ? relative : relative.Replace(Path.DirectorySeparatorChar, '/');
            }
        }

        throw new DataException($"{list}: the path '{Shown.Of(path)}' {cause}; expected a file in {root}, named relative to it");
    }

    /// <summary>Where a path of the list is.</summary>
    public string Full(string inside) => Path.Combine(root, inside);
}
