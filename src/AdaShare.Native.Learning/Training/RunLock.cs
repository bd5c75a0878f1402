using System.Globalization;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>Keeps a run folder for one process. The system releases the lock with the process, however that ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _owner;

    private RunLock(FileStream stream, string owner) => (_stream, _owner) = (stream, owner);

    /// <summary>Takes a folder.</summary>
    /// <param name="folder">The run; its folder is made where it is missing.</param>
    /// <exception cref="RunInUseException">Another process has it.</exception>
    /// <exception cref="DataException">The folder can't be written.</exception>
    public static RunLock Take(RunFolder folder)
    {
        string owner = folder.Lock + ".owner";
        FileStream stream;
        try
        {
            Directory.CreateDirectory(folder.Path);
            stream = new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The lock itself can't be read while it is held; its owner stands beside it.
            throw File.Exists(owner) && error is IOException
                ? new RunInUseException($"{folder.Path}: process {Read(owner)} trains in this folder; wait for it, stop it, or choose another --out", error)
                : new DataException($"{folder.Lock}: can't be written ({error.Message.TrimEnd('.')}); choose another --out", error);
        }

        try
        {
            File.WriteAllText(owner, $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            stream.Dispose();
            throw new DataException($"{owner}: can't be written ({error.Message.TrimEnd('.')}); free some space, or choose another --out", error);
        }

        return new RunLock(stream, owner);
    }

    /// <summary>Lets the folder go.</summary>
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
