using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Runs;

/// <summary>What a few real steps of a run tell of all of it: they are taken in a folder that is removed again.</summary>
/// <param name="Phase">The phase that was tried, the run's first.</param>
/// <param name="Steps">Steps whose time was taken.</param>
/// <param name="SecondsPerStep">Their median.</param>
/// <param name="ImagesPerStep">Images of a step.</param>
/// <param name="PeakBytes">The most bytes of the device that were live at once.</param>
/// <param name="AllSteps">Steps of all phases.</param>
public sealed record DryRun(string Phase, int Steps, double SecondsPerStep, int ImagesPerStep, long PeakBytes, long AllSteps)
{
    // The first steps compile, allocate and capture.
    private const int Passed = 2, Timed = 5;

    /// <summary>The time that all steps will take, if those of other phases take as long.</summary>
    public TimeSpan Estimate => TimeSpan.FromSeconds(Math.Min(AllSteps * SecondsPerStep, TimeSpan.MaxValue.TotalSeconds / 2));

    /// <summary>Tries a run.</summary>
    /// <param name="plan">The run; nothing is written into its folder.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="stop">Stops between steps.</param>
    public static DryRun Try(PlannedRun plan, Backend backend, IDataset dataset, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string folder = Directory.CreateTempSubdirectory("adashare-dry-run-").FullName;
        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var watch = new Watch(enough);
            try
            {
                Trainer.Run(
                    MethodRegistry.Get(plan.Config.Method), plan.Config, backend, dataset, new RunFolder(folder), watch, resume: false, enough.Token, new RunTerms { Configuration = ConfigWriter.Write(plan.Config), FindRun = StartingRuns.Find });
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Enough was seen.
            }

            double[] seconds = [.. watch.Seconds.Skip(watch.Seconds.Count > Passed ? Passed : 0).Order()];
            return new DryRun(
                watch.Phase, seconds.Length, seconds.Length == 0 ? 0 : seconds[seconds.Length / 2], watch.Images, watch.PeakBytes, MethodRegistry.Get(plan.Config.Method).AllSteps(plan.Config));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Watch(CancellationTokenSource enough) : IRunObserver
    {
        public string Phase { get; private set; } = "";

        public List<double> Seconds { get; } = [];

        public int Images { get; private set; }

        public long PeakBytes { get; private set; }

        public void Notice(string text)
        {
        }

        public void PhaseStarted(PhaseInfo phase, long step) => Phase = Seconds.Count == 0 ? phase.Title : Phase;

        public void StepDone(StepRecord record)
        {
            Seconds.Add(record.Seconds);
            (Images, PeakBytes) = (Math.Max(Images, record.Images), Math.Max(PeakBytes, record.PeakBytes));
            if (Seconds.Count == Passed + Timed)
            {
                enough.Cancel();
            }
        }

        public void Validated(PhaseInfo phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
