using System.Diagnostics;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>Kills runs at random moments, resumes them until they end, and compares what they leave with what an undisturbed run leaves.</summary>
/// <param name="program">The program under test.</param>
/// <param name="folder">Where everything runs; missing or empty.</param>
/// <param name="output">Where the table goes.</param>
public sealed class KillCampaign(HostProgram program, string folder, TextWriter output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(2);

    // A quarter of the kills fall before the first step; a run is killed a few times on its way.
    private const int OneInStart = 4;
    private const int PartsOfRun = 3;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>What became of each subject; filled by <see cref="Run"/>.</summary>
    public IReadOnlyList<KillResult> Results { get; private set; } = [];

    /// <summary>Runs the campaign.</summary>
    /// <param name="subjects">What is killed, in turn.</param>
    /// <param name="kills">Kills, all subjects together.</param>
    /// <param name="seed">The seed of the moments.</param>
    /// <returns>Whether every run went on and none differed.</returns>
    /// <exception cref="CampaignException">The folder is not empty, there is nothing to do, or an undisturbed run fails.</exception>
    public bool Run(IReadOnlyList<KillSubject> subjects, int kills, int seed)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        if (kills < 1)
        {
            throw new CampaignException($"--kills {kills}: give 1 or more");
        }

        if (Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any())
        {
            throw new CampaignException($"{_folder}: is not empty; choose another --out, or remove it");
        }

        var random = new Random(seed);
        Undisturbed[] undisturbed = [.. subjects.Select(Measure)];
        KillResult[] results = [.. subjects.Select(static subject => new KillResult(subject.Name))];
        for (int left = kills, turn = 0; left > 0; turn++)
        {
            int which = turn % subjects.Count;
            left -= Disturb(subjects[which], undisturbed[which], results[which], random, left, turn);
        }

        Results = results;
        KillResult.Write(output, results);
        return results.All(static result => result.DifferingBytes == 0 && result.Lost == 0);
    }

    private Undisturbed Measure(KillSubject subject)
    {
        string own = Path.Combine(_folder, subject.Name, "undisturbed");
        subject.Prepare(own);
        var watch = new LogWatch(Path.Combine(own, KillSubject.Result));
        long start = Stopwatch.GetTimestamp();
        using HostProcess process = program.Start(own, subject.Begin);
        while (watch.Lines == 0 && !process.Wait(Glance))
        {
            watch.Look();
        }

        TimeSpan first = Stopwatch.GetElapsedTime(start);
        bool ended = process.Wait(Limit);
        if (!ended)
        {
            process.Kill();
        }

        (int code, string text) = process.End();
        watch.Look();
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        return ended && code == CommandLine.Success && watch.Lines > 0
            ? new Undisturbed(Path.Combine(own, KillSubject.Result), watch.Lines, first, (whole - first) / watch.Lines)
            : throw new CampaignException($"{own}: the undisturbed run of {subject.Name} ends with code {code}, so there is nothing to compare with: {text.Trim()}");
    }

    /// <summary>Takes a run from its start to its end, with so many kills at most on the way.</summary>
    /// <returns>The kills.</returns>
    private int Disturb(KillSubject subject, Undisturbed undisturbed, KillResult result, Random random, int most, int number)
    {
        string own = Path.Combine(_folder, subject.Name, $"killed-{number}");
        subject.Prepare(own);
        int kills = 0;
        while (true)
        {
            IReadOnlyList<string> arguments = subject.Next(own);
            bool begins = ReferenceEquals(arguments, subject.Begin) && kills == 0;
            var watch = new LogWatch(Path.Combine(own, KillSubject.Result));
            using HostProcess process = program.Start(own, arguments);
            if (kills < most && Aim(process, watch, undisturbed, random) && process.Kill())
            {
                watch.Look();
                string phase = watch.Phase ?? (begins ? "starting" : "resuming");
                result.Kills[phase] = result.Kills.GetValueOrDefault(phase) + 1;
                kills++;
                continue;
            }

            bool ended = process.Wait(Limit);
            if (!ended)
            {
                process.Kill();
            }

            (int code, string text) = process.End();
            if (!ended || code != CommandLine.Success)
            {
                result.Lost++;
                result.Faults.Add($"{own}: does not go on after {kills} kills ({(ended ? $"code {code}" : "it never ends")}): {text.Trim()}");
                return Math.Max(1, kills);
            }

            Compare(undisturbed, own, result);
            return kills;
        }
    }

    /// <summary>Waits for a moment: so many steps from here and a little more, or a time before the first step.</summary>
    /// <returns>False where the process ends before.</returns>
    private static bool Aim(HostProcess process, LogWatch watch, Undisturbed undisturbed, Random random)
    {
        if (random.Next(OneInStart) == 0)
        {
            return !process.Wait(undisturbed.First * random.NextDouble());
        }

        int lines = 1 + random.Next(1 + (undisturbed.Lines / PartsOfRun));
        while (watch.Lines < lines)
        {
            if (process.Wait(Glance))
            {
                return false;
            }

            watch.Look();
        }

        return !process.Wait(undisturbed.Step * 2 * random.NextDouble());
    }

    private static void Compare(Undisturbed undisturbed, string own, KillResult result)
    {
        result.Runs++;
        IReadOnlyDictionary<string, long> differences = FolderComparison.Differences(undisturbed.Folder, Path.Combine(own, KillSubject.Result));
        result.DifferingBytes += differences.Values.Sum();
        result.Faults.AddRange(differences.Select(file => $"{own}: {file.Key} differs in {file.Value} bytes from {undisturbed.Folder}"));
        if (differences.Count == 0)
        {
            Directory.Delete(own, recursive: true);
        }
    }

    /// <summary>What an undisturbed run left, its log's lines, and its times until the first of them and from one to the next.</summary>
    private sealed record Undisturbed(string Folder, int Lines, TimeSpan First, TimeSpan Step);
}
