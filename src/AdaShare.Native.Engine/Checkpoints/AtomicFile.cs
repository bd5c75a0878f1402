using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Writes a file so that a reader, a crash, a power cut or a full disk sees either the old content or the new one, never a part.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a file of a name of its own beside the target, flushes it to the disk, renames it over the target and flushes the folder. Several processes may write one target:
    /// each writes a file of its own, and the last one stays.
    /// </summary>
    /// <param name="path">The target; its folder is made where it is missing.</param>
    /// <param name="write">Writes the content to a stream that can seek.</param>
    /// <exception cref="CheckpointException">The file could not be written; the message names it and the cause. The old file is as it was.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, overwrite: true);

    /// <summary>Writes a file as <see cref="Write(string, Action{Stream})"/> does; the target is never replaced where that is not wanted.</summary>
    /// <param name="path">The target; its folder is made where it is missing.</param>
    /// <param name="write">Writes the content to a stream that can seek.</param>
    /// <param name="overwrite">Whether an older file is replaced; false refuses before anything is written.</param>
    /// <exception cref="DataException">There is something of that name already, and it must not be replaced.</exception>
    /// <exception cref="CheckpointException">The file could not be written; the message names it and the cause. The old file is as it was.</exception>
    public static void Write(string path, Action<Stream> write, bool overwrite)
    {
        RequireFree(path, overwrite);
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!;
        string? temporary = null;
        try
        {
            MakeFolder(folder);
            PartialName.SweepFiles(folder);
            using FileStream stream = PartialName.Create(() => Path.Combine(folder, PartialName.Of(Path.GetFileName(full))));
            temporary = stream.Name;
            write(stream);
            stream.Flush(flushToDisk: true);

            // Again, for what came in the meantime. The file stays open, and so locked, until it has its name.
            RequireFree(path, overwrite);
            File.Move(temporary, full, overwrite);
            temporary = null;
            UnixFiles.FlushFolder(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error)}. What was there before is intact.", error);
        }
        finally
        {
            if (temporary is not null)
            {
                TryDelete(temporary);
            }
        }
    }

    /// <summary>Refuses a target that must not be replaced, before any work is done for it.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">Whether an older file is replaced.</param>
    /// <exception cref="DataException">There is something of that name already, and it must not be replaced.</exception>
    public static void RequireFree(string path, bool overwrite)
    {
        if (!overwrite && RegularFile.IsTaken(path))
        {
            throw new DataException($"{path}: there is already something of that name, which is not replaced; choose another name, or remove it first");
        }

        if (overwrite && File.Exists(path))
        {
            RequireRegular(path);
        }
    }

    /// <summary>A device or a pipe has a name like a file's; renamed over, it would be gone.</summary>
    private static void RequireRegular(string path)
    {
        try
        {
            _ = RegularFile.Identify(path);
        }
        catch (IOException error)
        {
            throw new DataException($"{path}: {error.Message.TrimEnd('.')}, which is never replaced; choose another name", error);
        }
    }

    /// <summary>Makes a folder and those above it, and flushes the names of the new ones, without which a power cut takes the file with its folder.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be made.</exception>
    internal static void MakeFolder(string folder)
    {
        var made = new List<string>();
        for (string? above = folder; above is not null && !Directory.Exists(above); above = Path.GetDirectoryName(above))
        {
            made.Add(above);
        }

        Directory.CreateDirectory(folder);
        foreach (string name in made)
        {
            UnixFiles.FlushFolder(Path.GetDirectoryName(name) ?? name);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next writer in this folder removes it; the error that matters is the one being thrown.
        }
    }
}
