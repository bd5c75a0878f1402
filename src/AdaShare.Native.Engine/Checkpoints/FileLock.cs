using System.Globalization;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>A file that one process holds, and a second one beside it that says which. The system releases it with the process, however that ends.</summary>
public sealed class FileLock : IDisposable
{
    private const string OwnerEnding = ".owner";
    private const int Tries = 5;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _stream;
    private readonly string _owner;

    private FileLock(FileStream stream, string owner) => (_stream, _owner) = (stream, owner);

    /// <summary>Takes a lock, whose folder is made where it is missing.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="holder">Who has it, for example <c>123 on HOST</c>, where it is taken.</param>
    /// <returns>The lock; null where another process has it.</returns>
    /// <exception cref="IOException">The files can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be written.</exception>
    public static FileLock? TryTake(string path, out string holder)
    {
        string owner = path + OwnerEnding;
        holder = "";
        FileStream? stream = null;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        for (int tries = Tries; stream is null; tries--)
        {
            try
            {
                stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(owner))
            {
                // The lock itself can't be read while it is held; its owner stands beside it.
                holder = Read(owner);
                return null;
            }
            catch (IOException) when (tries > 1 && File.Exists(path))
            {
                // Just taken, and its owner not written yet.
                Thread.Sleep(Wait);
            }
        }

        try
        {
            File.WriteAllText(owner, $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName}");
            return new FileLock(stream, owner);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Who has a lock, for example <c>123 on HOST</c>; null where nobody has. Nothing is written.</summary>
    /// <param name="path">The lock's file; it may be missing.</param>
    public static string? HolderOf(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Read(path + OwnerEnding);
        }
    }

    /// <summary>Lets it go.</summary>
    public void Dispose()
    {
        try
        {
            // The lock's own file stays: removed, it could be locked by one process and made anew by another.
            File.Delete(_owner);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is left says nothing without the lock.
        }

        _stream.Dispose();
    }

    private static string Read(string owner)
    {
        try
        {
            return File.ReadAllText(owner).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "of another user";
        }
    }
}
