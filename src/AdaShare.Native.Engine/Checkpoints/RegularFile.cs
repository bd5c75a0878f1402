namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Where the bytes of a file lie, whatever name it was reached by.</summary>
/// <param name="Place">Equal for two names of one file: links of both kinds, <c>./</c>, and other letters where the file system takes them for the same.</param>
/// <param name="Length">The size in bytes.</param>
public sealed record FileIdentity(string Place, long Length);

/// <summary>Opens files and nothing else: a pipe makes its reader wait for ever, a device may have no end, and neither is opened at all.</summary>
/// <remarks>
/// Linux says what a name leads to, and by which number it knows the file. Elsewhere a file of no bytes is refused, as pipes and devices look like it, and
/// files are told apart by their paths, the last link resolved; hard links are then not seen.
/// </remarks>
public static class RegularFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <exception cref="IOException">It is missing (<see cref="FileNotFoundException"/>), or a folder, a pipe or a device; the message says which, without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static FileStream Open(string path)
    {
        _ = Identify(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Finds out which file a name leads to, without opening it.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <exception cref="IOException">As <see cref="Open"/>.</exception>
    public static FileIdentity Identify(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return path.Contains('\0') ? throw new IOException("its name has a zero character in it")
            : UnixFiles.Status(path) is { } status ? Identify(path, status)
            : IdentifyByPath(path);
    }

    /// <summary>Whether a name is taken, be it by a link that leads nowhere.</summary>
    public static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static FileIdentity Identify(string path, UnixStatus status)
    {
        string? other = status.Kind switch
        {
            UnixStatus.Regular => null,
            UnixStatus.Folder => "a folder",
            UnixStatus.Pipe => "a pipe",
            _ => "a device or a socket",
        };
        if (other is not null)
        {
            throw new IOException($"it is {other}, no file");
        }

        // A file system without numbers gives 0 to all.
        return new(status.Inode == 0 ? FullPath(path) : $"{status.Device:x}:{status.Inode:x}", status.Length);
    }

    private static FileIdentity IdentifyByPath(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is a folder, no file");
        }

        var file = new FileInfo(FullPath(path));
        if (!file.Exists || file.LinkTarget is not null)
        {
            throw new FileNotFoundException("there is no such file", path);
        }

        string place = OperatingSystem.IsLinux() ? file.FullName : file.FullName.ToUpperInvariant();
        return file.Length > 0 ? new(place, file.Length) : throw new IOException("it is empty, or a pipe or a device");
    }

    private static string FullPath(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
