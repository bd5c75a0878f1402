using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>Keeps a run folder for one process.</summary>
internal static class RunLock
{
    /// <summary>Takes a folder.</summary>
    /// <param name="folder">The run; its folder is made where it is missing.</param>
    /// <returns>Released when it is disposed, or with the process.</returns>
    /// <exception cref="RunInUseException">Another process has it.</exception>
    /// <exception cref="DataException">The folder can't be written.</exception>
    public static FileLock Take(RunFolder folder)
    {
        try
        {
            return FileLock.TryTake(folder.Lock, out string holder) ?? throw new RunInUseException($"{folder.Path}: process {holder} trains in this folder; wait for it, stop it, or choose another --out");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder.Lock}: can't be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error, "another --out")}", error);
        }
    }
}
