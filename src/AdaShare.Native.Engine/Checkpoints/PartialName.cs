using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Names for what is not finished yet, and the removal of what processes that ended left under such names.</summary>
/// <remarks>
/// A name is hidden, says what it will be, and has 16 random hex digits, so that no two writers share one. Its writer keeps it locked until it is finished or gone: what has such a
/// name and can be locked has no writer any more. Nothing else is ever removed.
/// </remarks>
internal static partial class PartialName
{
    /// <summary>In a folder that is not finished: the file that its writer keeps locked.</summary>
    public const string Writer = ".writer";

    // Names have 255 bytes at most on the usual file systems; a character has three at most here.
    private const int Longest = 60;
    private const int RandomBytes = 8;
    private const int Tries = 3;

    // Between a folder's making and its lock, and between the lock's end and the folder's last name, lie moments.
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    // Folders are looked through once a process: a folder of thousands of pictures is written file by file.
    private static readonly HashSet<string> Swept = [];

    /// <summary>A new name for something that will have another one.</summary>
    public static string Of(string name) => $".{Shown(name)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}.partial";

    /// <summary>Whether a name is one of <see cref="Of"/>.</summary>
    public static bool IsOne(string name) => Pattern().IsMatch(name);

    /// <summary>Whether a name is one of <see cref="Of"/> for a name.</summary>
    public static bool IsOneOf(string name, string final) => IsOne(name) && name.StartsWith($".{Shown(final)}.", StringComparison.Ordinal) && name.Length == Of(final).Length;

    /// <summary>Makes a file that nobody else can open until it is closed; a rename in between is no obstacle.</summary>
    /// <param name="path">The file; given anew for each of a few tries, for a process that removes what was left may be faster than the lock.</param>
    /// <exception cref="IOException">It can't be made.</exception>
    public static FileStream Create(Func<string> path)
    {
        for (int tries = Tries; ; tries--)
        {
            try
            {
                return new(path(), FileMode.CreateNew, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, bufferSize: 1 << 16);
            }
            catch (IOException) when (tries > 1)
            {
                // The next name.
            }
        }
    }

    /// <summary>Removes from a folder the files of writers that ended before they were done, at the first call of this process for the folder.</summary>
    public static void SweepFiles(string folder)
    {
        lock (Swept)
        {
            if (!Swept.Add(folder))
            {
                return;
            }
        }

        foreach (string path in Entries(folder, static folder => Directory.EnumerateFiles(folder, ".*.partial")))
        {
            TryRemoveFile(path);
        }
    }

    /// <summary>Removes the unfinished folders of writers that ended, and says whether one is left that has a writer.</summary>
    /// <param name="folder">Where they lie.</param>
    /// <param name="final">The name that they would get.</param>
    public static bool SweepFolders(string folder, string final)
    {
        bool isWritten = false;
        foreach (string path in Entries(folder, static folder => Directory.EnumerateDirectories(folder, ".*.partial")).Where(path => IsOneOf(Path.GetFileName(path), final)))
        {
            bool isNew = !File.Exists(Path.Combine(path, Writer)) && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) < Moment;
            isWritten |= isNew || !TryRemoveFolder(path);
        }

        return isWritten;
    }

    private static string Shown(string name) => name.Length <= Longest ? name : name[..Longest];

    private static string[] Entries(string folder, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return [.. list(folder).Where(static path => IsOne(Path.GetFileName(path)))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void TryRemoveFile(string path)
    {
        try
        {
            // A link is no file of a writer, and is not followed.
            if (new FileInfo(path).LinkTarget is null)
            {
                using var abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody writes it, or it is another user's.
        }
    }

    private static bool TryRemoveFolder(string path)
    {
        try
        {
            using (new FileStream(Path.Combine(path, Writer), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                // Nobody holds it, and nobody will: a writer makes a folder of its own.
            }

            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^\..*\.[0-9a-f]{16}\.partial\z")]
    private static partial Regex Pattern();
}
