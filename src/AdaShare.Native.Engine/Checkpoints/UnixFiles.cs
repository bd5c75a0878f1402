using System.Runtime.InteropServices;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>The calls of Unix for which .NET has no words: flushing a folder, and asking what a name leads to without opening it.</summary>
internal static partial class UnixFiles
{
    private const int NoEntry = 2;
    private const int InputOutput = 5;
    private const int NotAFolder = 20;
    private const int NoSpace = 28;
    private const int CurrentFolder = -100;
    private const uint BasicFields = 0x7FF;
    private const int StatusSize = 256;

    /// <summary>Flushes the names in a folder to the disk; where the system can't, nothing happens.</summary>
    /// <exception cref="IOException">The disk failed or is full.</exception>
    public static void FlushFolder(string path) => Flush(path, static descriptor => FSync(descriptor));

    /// <summary>Flushes everything on the file system of a folder: one call instead of one for each of thousands of files.</summary>
    /// <exception cref="IOException">The disk failed or is full.</exception>
    public static void FlushAll(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            Flush(path, static descriptor => SyncFileSystem(descriptor));
        }
        else if (!OperatingSystem.IsWindows())
        {
            Sync();
        }
    }

    /// <summary>What a name leads to, links followed; null where the system has no such call.</summary>
    /// <exception cref="FileNotFoundException">It leads to nothing.</exception>
    public static UnixStatus? Status(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> status = stackalloc byte[StatusSize];
        try
        {
            if (StatX(CurrentFolder, path, 0, BasicFields, ref MemoryMarshal.GetReference(status)) == 0)
            {
                return UnixStatus.Parse(status);
            }
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }

        return Marshal.GetLastPInvokeError() is NoEntry or NotAFolder ? throw new FileNotFoundException("there is no such file", path) : null;
    }

    private static void Flush(string path, Func<int, int> flush)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            return;
        }

        try
        {
            // Some file systems have no such call for folders; a failing or full disk is what must not pass in silence.
            if (flush(descriptor) != 0 && Marshal.GetLastPInvokeError() is InputOutput or NoSpace)
            {
                throw new IOException($"the folder {path} can't be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte status);
}

/// <summary>What the system says of a file.</summary>
/// <param name="Kind">The kind of the file: <see cref="Regular"/> and others.</param>
/// <param name="Device">The file system, major and minor number.</param>
/// <param name="Inode">The file's number on it.</param>
/// <param name="Length">The size in bytes.</param>
internal readonly record struct UnixStatus(int Kind, ulong Device, ulong Inode, long Length)
{
    public const int Pipe = 0x1000;
    public const int Folder = 0x4000;
    public const int Regular = 0x8000;

    /// <summary>Reads <c>struct statx</c>, which is the same on every processor.</summary>
    public static UnixStatus Parse(ReadOnlySpan<byte> status)
    {
        int mode = MemoryMarshal.Read<ushort>(status[28..]);
        ulong device = ((ulong)MemoryMarshal.Read<uint>(status[136..]) << 32) | MemoryMarshal.Read<uint>(status[140..]);
        return new(mode & 0xF000, device, MemoryMarshal.Read<ulong>(status[32..]), MemoryMarshal.Read<long>(status[40..]));
    }
}
