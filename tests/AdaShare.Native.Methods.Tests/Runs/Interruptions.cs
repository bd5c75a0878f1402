using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>A run that is stopped after one, two and three steps by turns until it ends, beside one that nothing disturbed.</summary>
internal static class Interruptions
{
    private const int MostStops = 60;

    /// <summary>Checks that both leave the same networks, results and log.</summary>
    /// <param name="folders">Where the two runs go.</param>
    /// <param name="train">Trains in a folder, from the start or going on.</param>
    public static void GiveTheSameBytes(RunFolders folders, Action<RunFolder, Recorder, bool, CancellationToken> train)
    {
        RunFolder whole = folders.New(), broken = folders.New();
        train(whole, new Recorder(), false, CancellationToken.None);
        for (int stops = 0; !RunUntilStopped(broken, train, stops); stops++)
        {
            Assert.That(stops, Is.LessThan(MostStops), "the run must come to an end");
        }

        string[] checkpoints = [.. Directory.GetFiles(Path.GetDirectoryName(whole.Latest)!).Where(path => path != whole.Latest).Select(Path.GetFileNameWithoutExtension)!];
        Assert.That(checkpoints, Is.Not.Empty);
        foreach (string name in checkpoints)
        {
            Assert.That(File.ReadAllBytes(broken.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint(name))), name);
        }

        Assert.That(Untimed.Metrics(broken.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(broken.Log), Is.EqualTo(Untimed.Log(whole.Log)));
    }

    private static bool RunUntilStopped(RunFolder folder, Action<RunFolder, Recorder, bool, CancellationToken> train, int stops)
    {
        using var source = new CancellationTokenSource();
        int left = 1 + (stops % 3);
        void Count(StepRecord record)
        {
            if (--left == 0)
            {
                source.Cancel();
            }
        }

        try
        {
            train(folder, new Recorder { OnStep = Count }, stops > 0, source.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
