using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Studies.Running;

/// <summary>
/// Keeps the cells of a shard for one process: others may run shards of the same folder that share no cell with it. The system releases the lock with the process, however that ends.
/// </summary>
public sealed partial class StudyLock : IDisposable
{
    private const string FolderName = "locks";
    private const string GateName = "gate.lock";
    private static readonly TimeSpan GateLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GateWait = TimeSpan.FromMilliseconds(20);

    private readonly FileLock _lock;

    private StudyLock(FileLock taken) => _lock = taken;

    /// <summary>Takes a shard's cells.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="of">The shard of the process that this one works for, which has these cells already; null where it works for none.</param>
    /// <returns>Released when it is disposed, or with the process.</returns>
    /// <exception cref="StudyInUseException">Another process has some of the cells.</exception>
    /// <exception cref="DataException">The folder can't be written.</exception>
    public static StudyLock Take(string folder, StudyShard shard, StudyShard? of = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(shard);
        string locks = Path.Combine(folder, FolderName);
        string own = Path.Combine(locks, NameOf(shard, of is not null)), master = of is null ? "" : NameOf(of, isPart: false);
        try
        {
            // One process at a time looks who is there and adds itself, so that two that start together see each other.
            using FileLock gate = TakeGate(folder, locks);
            FileLock taken = FileLock.TryTake(own, out string holder) ?? throw InUse(folder, shard, holder);
            try
            {
                foreach (string path in Directory.EnumerateFiles(locks, "shard-*.lock").Where(path => path != own && Path.GetFileName(path) != master))
                {
                    RequireApart(folder, path, shard);
                }

                return new StudyLock(taken);
            }
            catch
            {
                taken.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{locks}: can't be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error, "another --out")}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static FileLock TakeGate(string folder, string locks)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (FileLock.TryTake(Path.Combine(locks, GateName), out string holder) is { } gate)
            {
                return gate;
            }

            if (Stopwatch.GetElapsedTime(start) > GateLimit)
            {
                throw new StudyInUseException($"{folder}: process {holder} is starting in this folder and does not get on; stop it, or choose another --out");
            }

            Thread.Sleep(GateWait);
        }
    }

    /// <summary>Refuses where a lock of a shard with common cells is held.</summary>
    private static void RequireApart(string folder, string path, StudyShard shard)
    {
        Match name = Name().Match(Path.GetFileName(path));
        if (!name.Success || !Number(name.Groups[1], out int number) || !Number(name.Groups[2], out int count) || number < 1 || number > count || !shard.Meets(new StudyShard(number, count)))
        {
            return;
        }

        if (FileLock.TryTake(path, out string holder) is { } free)
        {
            free.Dispose();
        }
        else
        {
            throw InUse(folder, shard, holder);
        }
    }

    private static bool Number(Group digits, out int value) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static StudyInUseException InUse(string folder, StudyShard shard, string holder) =>
        new($"{folder}: process {holder} runs {(shard.Count == 1 ? "this study" : $"cells of shard {shard}")} already; wait for it, stop it, or run another shard");

    private static string NameOf(StudyShard shard, bool isPart) => string.Create(CultureInfo.InvariantCulture, $"shard-{shard.Number}-of-{shard.Count}{(isPart ? "-device" : "")}.lock");

    [GeneratedRegex(@"^shard-(\d+)-of-(\d+)(?:-device)?\.lock\z")]
    private static partial Regex Name();
}
