using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>A folder with the files of one task: <c>train.csv</c>, <c>test.csv</c> and <c>classes.txt</c>.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Path">The folder.</param>
internal sealed record TextFolder(string Task, string Path)
{
    /// <summary>The names of the files.</summary>
    public const string TrainName = "train.csv", TestName = "test.csv", ClassesName = "classes.txt";

    private const string Ending = "_csv", ReadmeName = "readme.txt";
    private const int LeastClasses = 2, MostClasses = 100_000, LongestTask = 64;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The folders of tasks in a folder, in the order of their names: those in it that have files of texts, or itself where it has them.</summary>
    /// <returns>None where the folder isn't there, or holds no texts.</returns>
    /// <exception cref="DataException">The folder can't be read.</exception>
    public static IReadOnlyList<TextFolder> In(string root)
    {
        try
        {
            return !Directory.Exists(root) ? []
                : HoldsTexts(root) ? [Of(root)]
                : [.. Directory.EnumerateDirectories(root).Where(HoldsTexts).Select(Of).OrderBy(static folder => folder.Task, StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{root}: the folder can't be read ({error.Message.TrimEnd('.')}); check that you may read it", error);
        }
    }

    /// <summary>The same; there must be one, and each must have a name of its own that can name a task.</summary>
    /// <exception cref="DataException">There is none, or a name won't do.</exception>
    public static IReadOnlyList<TextFolder> Require(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; expected one with a folder NAME{Ending} for each task, each with {TrainName}, {TestName} and {ClassesName}");
        }

        IReadOnlyList<TextFolder> folders = In(root);
        if (folders.Count == 0)
        {
            throw new DataException($"{root}: has no texts; expected a folder NAME{Ending} for each task, each with {TrainName}, {TestName} and {ClassesName}, or these files themselves");
        }

        if (!HoldsTexts(root))
        {
            RequireNames(root);
        }

        foreach (TextFolder folder in folders)
        {
            if (folder.Task.Length is 0 or > LongestTask || !folder.Task.All(static c => char.IsLetterOrDigit(c) || c is '-' or '_'))
            {
                throw new DataException($"{folder.Path}: the folder's name must name a task; expected 1 to {LongestTask} letters, digits, - and _, before {Ending} if that is there; rename it");
            }

            if (folders.FirstOrDefault(other => other.Task == folder.Task && other != folder) is { } twin)
            {
                throw new DataException($"{folder.Path}: is the task {folder.Task}, as {twin.Path} is; expected a name of its own for each task; rename or remove one");
            }
        }

        return folders;
    }

    /// <summary>The path of one of the files, which must be there.</summary>
    /// <exception cref="DataException">It isn't.</exception>
    public string File(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        return System.IO.File.Exists(path) ? path : throw new DataException($"{path}: there is no such file; a task needs {TrainName}, {TestName} and {ClassesName}");
    }

    /// <summary>The names of the classes, in the order of their numbers.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public IReadOnlyList<string> ReadClasses()
    {
        string path = File(ClassesName), text;
        try
        {
            text = Strict.GetString(CodecFile.Read(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException error)
        {
            throw new DataException($"{path}: is not UTF-8; save the file as UTF-8", error);
        }

        string[] names = [.. text.TrimEnd().Split('\n').Select(static line => line.Trim())];
        int blank = Array.FindIndex(names, static name => name.Length == 0);
        if (names.Length is < LeastClasses or > MostClasses || blank >= 0)
        {
            string found = text.Trim().Length == 0 ? "is empty" : blank >= 0 ? $"has no name in line {blank + 1}" : $"has {names.Length} {(names.Length == 1 ? "line" : "lines")}";
            throw new DataException($"{path}: {found}; expected the names of {LeastClasses} to {MostClasses} classes, each in a line");
        }

        return names;
    }

    /// <summary>What lies in the folder and is passed over, a sentence each.</summary>
    public IEnumerable<string> Notices()
    {
        FolderListing listing = FolderListing.Read(Path, "", ".csv");
        var notices = new List<string>();
        FolderListing.AddNotice(notices, Path, [.. listing.Files.Where(static file => file is not TrainName and not TestName)], "other .csv file", "passed over");
        FolderListing.AddNotice(notices, Path, listing.Folders, "folder", "passed over");
        string[] others = [.. Directory.EnumerateFiles(Path).Select(System.IO.Path.GetFileName).OfType<string>()
            .Where(static file => !file.StartsWith('.') && !file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && file is not ClassesName and not ReadmeName).Order(StringComparer.Ordinal)];
        FolderListing.AddNotice(notices, Path, others, "other file", "passed over");
        return notices;
    }

    /// <summary>Refuses a folder beside those of tasks that looks as if it were one: left out without a word, its task would be missing.</summary>
    private static void RequireNames(string root)
    {
        string[] names = [TrainName, TestName, ClassesName];
        foreach (string folder in Directory.EnumerateDirectories(root).Where(static folder => !HoldsTexts(folder)))
        {
            string[] like = [.. Directory.EnumerateFileSystemEntries(folder).Select(static entry => System.IO.Path.GetFileName(entry)).Where(entry => names.Contains(entry, StringComparer.OrdinalIgnoreCase))];
            if (like.Length > 0 || folder.EndsWith(Ending, StringComparison.Ordinal))
            {
                throw new DataException($"{folder}: looks like a task ({(like.Length > 0 ? string.Join(", ", like) : Ending)}), and there is neither {TrainName} nor {TestName} in it; name its files so, or move the folder away");
            }
        }
    }

    // Listed first: of a folder that must not be read File.Exists says that there is nothing, and its task would be left out without a word.
    private static bool HoldsTexts(string folder) => Directory.EnumerateFileSystemEntries(folder).Any() && (System.IO.File.Exists(System.IO.Path.Combine(folder, TrainName)) || System.IO.File.Exists(System.IO.Path.Combine(folder, TestName)));

    private static TextFolder Of(string folder)
    {
        string name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder)));
        return new TextFolder(name.EndsWith(Ending, StringComparison.Ordinal) ? name[..^Ending.Length] : name, folder);
    }
}
