using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Writes a folder of many files so that it is complete or absent, and never takes the place of what the command did not make.</summary>
/// <remarks>
/// A new folder is written under another name, flushed to the disk and renamed: it is there at once or not at all. Into a folder that exists (it may be a
/// mount, or the shell's own) the finished entries are moved one after the other, the one without which nobody takes the folder for whole first out and last in.
/// </remarks>
public static class AtomicFolder
{
    private const string Inside = "new";

    /// <summary>Writes a folder.</summary>
    /// <param name="path">The target; the folders above it are made where they are missing.</param>
    /// <param name="completing">The name in the folder of the entry without which a reader refuses it.</param>
    /// <param name="write">Writes the content into the folder that it is given.</param>
    /// <param name="isOwn">Whether an entry of an older folder, by its name, is the command's own and may be replaced; null where nothing may.</param>
    /// <exception cref="DataException">There is something that must not be replaced, or the folder can't be written; the message names it. What was there before is as it was.</exception>
    public static void Write(string path, string completing, Action<string> write, Func<string, bool>? isOwn = null)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        RequireReplaceable(path, full, isOwn);
        bool fresh = !Directory.Exists(full);
        (string parent, string name) = fresh ? (Path.GetDirectoryName(full) ?? full, Path.GetFileName(full)) : (full, Inside);
        string staging = Path.Combine(parent, PartialName.Of(name));
        try
        {
            AtomicFile.MakeFolder(parent);
            if (PartialName.SweepFolders(parent, name))
            {
                throw new DataException($"{path}: another process is writing this folder; wait for it, or choose another folder");
            }

            Directory.CreateDirectory(staging);
            using (FileStream writer = PartialName.Create(() => Path.Combine(staging, PartialName.Writer)))
            {
                write(staging);
                UnixFiles.FlushAll(staging);
                if (fresh)
                {
                    File.Delete(writer.Name);
                }
                else
                {
                    Exchange(full, staging, completing);
                }
            }

            if (fresh)
            {
                RequireMissing(path, full);
                Directory.Move(staging, full);
                UnixFiles.FlushFolder(parent);
            }
            else
            {
                TryRemove(staging);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            TryRemove(staging);
            throw new DataException($"{path}: can't be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); {WriteFailure.Remedy(error)}", error);
        }
        catch
        {
            TryRemove(staging);
            throw;
        }
    }

    /// <summary>Another writer may have been faster: its folder stays.</summary>
    private static void RequireMissing(string path, string full)
    {
        if (RegularFile.IsTaken(full))
        {
            throw new DataException($"{path}: was made by another process in the meantime, and is not written over; choose another folder, or remove this one");
        }
    }

    private static void RequireReplaceable(string path, string full, Func<string, bool>? isOwn)
    {
        if (!Directory.Exists(full))
        {
            if (RegularFile.IsTaken(full))
            {
                throw new DataException($"{path}: can't be written, for it is no folder; choose another name");
            }

            return;
        }

        try
        {
            string[] there = [.. Directory.EnumerateFileSystemEntries(full).Select(entry => Path.GetFileName(entry)).Where(static name => !PartialName.IsOneOf(name, Inside)).Order(StringComparer.Ordinal)];
            if (isOwn is null && there.Length > 0)
            {
                throw new DataException($"{path}: the folder is not empty ({there[0]} is in it) and is not written over; choose another folder, remove this one, or ask to overwrite it");
            }

            if (there.FirstOrDefault(name => !isOwn!(name)) is { } foreign)
            {
                throw new DataException($"{path}: {foreign} in the folder was not made by this command and is not replaced; choose another folder, or move it away");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be read ({error.Message.TrimEnd('.')}); choose another folder", error);
        }
    }

    /// <summary>Takes the old entries out and puts the new ones in; on an error the old ones are put back.</summary>
    private static void Exchange(string full, string staging, string completing)
    {
        string old = Path.Combine(staging, ".old");
        string[] fresh = [.. Entries(staging, completing).Where(static name => name != PartialName.Writer).Reverse()];
        string[] former = [.. Entries(full, completing).Where(static name => !PartialName.IsOneOf(name, Inside))];
        Directory.CreateDirectory(old);
        var moves = former.Select(name => (From: Path.Combine(full, name), To: Path.Combine(old, name)))
            .Concat(fresh.Select(name => (From: Path.Combine(staging, name), To: Path.Combine(full, name)))).ToArray();
        int done = 0;
        try
        {
            for (; done < moves.Length; done++)
            {
                Directory.Move(moves[done].From, moves[done].To);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            while (--done >= 0)
            {
                Directory.Move(moves[done].To, moves[done].From);
            }

            throw;
        }

        UnixFiles.FlushFolder(full);
    }

    /// <summary>The names in a folder, the completing one first.</summary>
    private static string[] Entries(string folder, string completing) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).OrderBy(name => name != completing).ThenBy(static name => name, StringComparer.Ordinal)];

    private static void TryRemove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody reads it; the error that matters is the one being thrown.
        }
    }
}
