using System.Collections;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Loading;

/// <summary>
/// Goes through a part of a data set in order, at full size and without augmentation, reading some samples ahead on background threads: for evaluation.
/// </summary>
/// <remarks>
/// It can be enumerated several times, each time from the start. Leaving an enumeration early waits for the samples that are being read, so nothing of it
/// runs on afterwards.
/// </remarks>
public sealed class SamplePrefetcher : IEnumerable<Sample>
{
    private readonly IDataset _dataset;
    private readonly Split _split;
    private readonly Label[] _labels;
    private readonly int _ahead;

    /// <summary>States what to read; nothing is read before enumeration.</summary>
    /// <param name="dataset">Where samples come from.</param>
    /// <param name="split">Which part.</param>
    /// <param name="labels">The labels to load.</param>
    /// <param name="limit">At most so many samples; 0 for all.</param>
    /// <param name="ahead">How many samples may be read or wait at once, at least 1.</param>
    /// <exception cref="ConfigurationException">A number is out of range.</exception>
    public SamplePrefetcher(IDataset dataset, Split split, IReadOnlyList<Label> labels, int limit = 0, int ahead = 2)
    {
        if (limit < 0 || ahead < 1)
        {
            throw new ConfigurationException($"dataload: the limit of samples {limit} must be 0 or more, samples ahead {ahead} 1 or more");
        }

        (_dataset, _split, _labels, _ahead) = (dataset, split, [.. labels], ahead);
        int count = dataset.Count(split);
        Count = limit > 0 ? Math.Min(limit, count) : count;
    }

    /// <summary>The number of samples.</summary>
    public int Count { get; }

    /// <summary>Starts to read. An error of the data set surfaces, as it was thrown, at the sample that it belongs to.</summary>
    public IEnumerator<Sample> GetEnumerator()
    {
        var reading = new Queue<Task<Sample>>(_ahead);
        int next = 0;
        void ReadAhead()
        {
            while (next < Count && reading.Count < _ahead)
            {
                int index = next++;
                reading.Enqueue(Task.Run(() => _dataset.Load(_split, index, _labels).ReadAll()));
            }
        }

        try
        {
            ReadAhead();
            while (reading.TryDequeue(out Task<Sample>? first))
            {
                Sample sample = first.GetAwaiter().GetResult();
                ReadAhead();
                yield return sample;
            }
        }
        finally
        {
            Finish(reading);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Waits for what is still being read; its errors concern nobody any more.</summary>
    private static void Finish(IEnumerable<Task<Sample>> reading) =>
        Task.WhenAll(reading).ContinueWith(static all => _ = all.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
}
