using System.Diagnostics;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Benchmarking.Measurement;

/// <summary>How fast a loader prepares batches.</summary>
/// <param name="Workers">Its background threads.</param>
/// <param name="First">Images a second when each is seen for the first time: read or drawn, decoded, augmented.</param>
/// <param name="Later">Images a second in later passes, with what data set and system keep in memory.</param>
/// <param name="OfCore">Images of later passes for each second of processor time of the whole process: what one core prepares, whatever else the machine does.</param>
public sealed record DataMeasurement(int Workers, Spread First, Spread Later, Spread OfCore)
{
    private const double ShortestUse = 1e-6;

    /// <summary>Times loaders with several numbers of workers, by turns.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="shape">The sizes of a batch.</param>
    /// <param name="open">Opens its data set, with nothing in memory; disposed after a sample where it can be.</param>
    /// <param name="workers">The numbers of workers.</param>
    /// <param name="sampling">How often.</param>
    /// <param name="inputs">Where the network's input is made of each batch too; null to leave that to a training step, which does it on its device.</param>
    /// <param name="stop">Stops between two passes.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static IReadOnlyList<DataMeasurement> Of(
        RunConfig config, BatchShape shape, Func<IDataset> open, IReadOnlyList<int> workers, Sampling sampling, Backend? inputs = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(workers);
        ArgumentNullException.ThrowIfNull(sampling);
        List<DataSample>[] samples = [.. workers.Select(static _ => new List<DataSample>())];

        // One round more than is kept: in the first the code is not yet compiled to its end.
        for (int round = 0; round <= sampling.Rounds; round++)
        {
            for (int w = 0; w < workers.Count; w++)
            {
                stop.ThrowIfCancellationRequested();
                DataSample sample = Sample(config, shape, open, workers[w], sampling.LeastMilliseconds, inputs);
                if (round > 0)
                {
                    samples[w].Add(sample);
                }
            }
        }

        return [.. samples.Select((taken, w) => new DataMeasurement(workers[w], Spread.Of(taken.Select(static s => s.First)), Spread.Of(taken.Select(static s => s.Later)), Spread.Of(taken.Select(static s => s.OfCore))))];
    }

    /// <summary>The figures as rows of a result file.</summary>
    /// <param name="what">What is loaded.</param>
    public IEnumerable<BenchmarkRow> Rows(string what) =>
    [
        new($"data {what}: workers {Workers}, first pass", "images/s", HigherIsBetter: true, First),
        new($"data {what}: workers {Workers}, later passes", "images/s", HigherIsBetter: true, Later),
        new($"data {what}: workers {Workers}, a core", "images/s", HigherIsBetter: true, OfCore),
    ];

    private static DataSample Sample(RunConfig config, BatchShape shape, Func<IDataset> open, int workers, double leastMilliseconds, Backend? inputs)
    {
        IDataset dataset = open();
        using var opened = dataset as IDisposable;
        long start = Stopwatch.GetTimestamp();
        using var workload = new DataWorkload(config, shape, dataset, workers, inputs);
        workload.Pass();
        double first = workload.Images / Stopwatch.GetElapsedTime(start).TotalSeconds;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        start = Stopwatch.GetTimestamp();
        long images = 0;
        TimeSpan time;
        do
        {
            workload.Pass();
            images += workload.Images;
            time = Stopwatch.GetElapsedTime(start);
        }
        while (time.TotalMilliseconds < leastMilliseconds);

        // The clock of the processors may stand still over work that is done at once.
        double used = Math.Max((Environment.CpuUsage.TotalTime - processor).TotalSeconds, ShortestUse);
        return new(first, images / time.TotalSeconds, images / used);
    }

    private readonly record struct DataSample(double First, double Later, double OfCore);
}
