using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Host.Runs;

/// <summary>Finds the network of a run from which another run starts, <c>--init RUN</c>.</summary>
public static class StartingRuns
{
    /// <summary>The network that a run is for, or the furthest on the way to it.</summary>
    /// <param name="path">The folder of the run, finished or not.</param>
    /// <exception cref="AdaShareException">The folder holds no run, the run has no network yet, or a file of it is damaged or another run's.</exception>
    public static StartingRun Find(string path)
    {
        StoredRun run;
        StoredNetwork network;
        try
        {
            run = StoredRun.Open(path);
            network = run.Best();
        }
        catch (DataException error)
        {
            throw new DataException($"init is the folder {error.Message}", error);
        }

        RunRecord? record = RunRecord.Read(run.Folder);
        MetricsFile? results = record is null && File.Exists(run.Folder.Metrics) ? MetricsFile.Read(run.Folder.Metrics) : null;
        Dictionary<string, PhaseBudget>? budget = record?.State?.Budget ?? results?.Budget;
        WeightRecord? before = record?.State?.Init ?? results?.Init;
        long? steps = budget?.Values.Sum(static spent => spent.WeightSteps + spent.OtherSteps);
        return new StartingRun(path, network.Checkpoint, network.IsFinal ? network.Title : $"{network.Title}, on the way", run.Config, before is null || before.Run is null ? steps : steps + before.Steps);
    }
}
