using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

/// <summary>What one folder of a data set holds: the files that can belong to examples, and what is passed over.</summary>
/// <remarks>
/// Hidden files are none of the data set's: systems put their own beside each file (<c>._0000.png</c>, <c>.DS_Store</c>). The ending counts in any letters,
/// <c>0000.PNG</c> as <c>0000.png</c>.
/// </remarks>
internal sealed class FolderListing
{
    private const int Named = 5;

    private readonly string _folder;
    private readonly string _path;

    private FolderListing(string path, string folder, string extension)
    {
        (_path, _folder) = (path, folder);
        List<string> hidden = [], others = [];
        foreach (FileSystemInfo entry in new DirectoryInfo(path).EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            List<string> kind = IsHidden(entry) ? hidden
                : Directory.Exists(entry.FullName) ? Folders
                : string.Equals(entry.Extension, extension, StringComparison.OrdinalIgnoreCase) ? Files
                : others;
            kind.Add(entry.Name);
        }

        AddNotice(Notices, folder, hidden, "hidden file", "passed over");
        AddNotice(Notices, folder, Folders, "folder", "passed over");
        AddNotice(Notices, folder, others, $"file that is no {extension}", "passed over", $"files that are no {extension}");
    }

    /// <summary>The names of the files with the folder's ending, in order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The names of the folders in it, in order.</summary>
    public List<string> Folders { get; } = [];

    /// <summary>A sentence for each kind of entry that is passed over.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DataException">It can't be read.</exception>
    public static FolderListing Read(string root, string folder, string extension)
    {
        string path = Path.Combine(root, folder);
        try
        {
            return new(path, folder, extension);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: the folder can't be read ({error.Message.TrimEnd('.')}); check that you may read it", error);
        }
    }

    /// <summary>The files by their names without the ending.</summary>
    /// <exception cref="DataException">Two files differ in the letters of their ending alone.</exception>
    public Dictionary<string, string> ByStem()
    {
        var files = new Dictionary<string, string>();
        foreach (string file in Files)
        {
            string stem = Path.GetFileNameWithoutExtension(file);
            if (!files.TryAdd(stem, file))
            {
                throw new DataException($"{_path}: {files[stem]} and {file} are two files of one example; remove one");
            }
        }

        return files;
    }

    /// <summary>Adds a sentence that counts and names entries, where there are any.</summary>
    /// <param name="notices">The sentences.</param>
    /// <param name="place">Where the entries are.</param>
    /// <param name="names">The entries.</param>
    /// <param name="what">What one of them is.</param>
    /// <param name="fate">What becomes of them.</param>
    /// <param name="plural">What several of them are; null for an s behind it.</param>
    public static void AddNotice(List<string> notices, string place, IReadOnlyList<string> names, string what, string fate, string? plural = null)
    {
        if (names.Count > 0)
        {
            string more = names.Count > Named ? $" and {names.Count - Named} more" : "";
            string counted = names.Count == 1 ? $"1 {what} is" : $"{names.Count} {plural ?? what + "s"} are";
            notices.Add($"{place}: {counted} {fate}: {string.Join(", ", names.Take(Named).Select(Codecs.Shown.Of))}{more}");
        }
    }

    /// <summary>Whether an entry is hidden, by its name or by what Windows says of it.</summary>
    public static bool IsHidden(FileSystemInfo entry) => entry.Name.StartsWith('.') || (OperatingSystem.IsWindows() && entry.Attributes.HasFlag(FileAttributes.Hidden));
}
