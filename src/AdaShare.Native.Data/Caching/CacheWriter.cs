using System.Diagnostics;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Caching;

/// <summary>Writes caches. A file is there whole or not at all: it is written beside its place under another name, and what an ended process left of that is removed by the next.</summary>
/// <param name="path">The file.</param>
/// <param name="say">Is told how it goes, a line at a time.</param>
/// <param name="stop">Ends the writing between two examples.</param>
internal sealed class CacheWriter(string path, Action<string> say, CancellationToken stop)
{
    private const int Probes = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that are free where a file will lie; null where the system doesn't say.</summary>
    public Func<string, long?> FreeBytes { get; init; } = Free;

    /// <summary>A number of bytes for people.</summary>
    public static string Size(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
    };

    /// <summary>Decodes every example once and writes it.</summary>
    /// <param name="datasets">The data sets, with what they are made of.</param>
    /// <param name="replaces">Whether an older file is replaced.</param>
    /// <exception cref="DataException">An example can't be read, the disk has too little room, or the file can't be written.</exception>
    /// <exception cref="OperationCanceledException">The wish to stop came; nothing is left.</exception>
    public void Write(IReadOnlyList<(IDataset Dataset, CacheContent Content)> datasets, bool replaces)
    {
        int count = datasets.Sum(static pair => pair.Content.Signs.Length);
        double estimate = Estimate(datasets, count);
        if (FreeBytes(path) is long free && free < estimate)
        {
            throw new DataException($"{path}: a cache of {count} examples needs about {Size(estimate)}, and {Size(free)} are free on its disk; free some space, name a file on another disk, or leave --cache out");
        }

        say($"cache {path}: decoding {count} examples, about {Size(estimate)}");
        long start = Stopwatch.GetTimestamp(), bytes = 0;
        try
        {
            AtomicFile.Write(path, stream => bytes = Write(stream, datasets, count), replaces);
        }
        catch (CheckpointException error)
        {
            Exception cause = error.InnerException ?? error;
            throw new DataException($"{path}: can't be written ({cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}); {WriteFailure.Remedy(cause, "another file in --cache")}", error);
        }

        say(string.Create(CultureInfo.InvariantCulture, $"cache {path}: {count} examples, {Size(bytes)}, in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
    }

    private static long? Free(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The size that all examples will have if they are as large as a few.</summary>
    private double Estimate(IReadOnlyList<(IDataset Dataset, CacheContent Content)> datasets, int count)
    {
        double bytes = 0;
        foreach ((IDataset dataset, CacheContent content) in datasets)
        {
            var encoder = new ExampleEncoder(dataset.Labels);
            int examples = content.Signs.Length, probes = Math.Min(Probes, examples);
            double sum = 0;
            for (int p = 0; p < probes; p++)
            {
                stop.ThrowIfCancellationRequested();
                (Split split, int index) = CacheContent.Locate(dataset, (int)((long)p * examples / probes));
                sum += encoder.Encode(dataset.Load(split, index, dataset.Labels)).Length + CacheFile.Alignment;
            }

            bytes += probes == 0 ? 0 : sum / probes * examples;
        }

        // The index: where each example lies, its check value, and its sign.
        const int indexed = 28;
        return bytes + ((double)indexed * count);
    }

    private long Write(Stream stream, IReadOnlyList<(IDataset Dataset, CacheContent Content)> datasets, int count)
    {
        stream.Write(new byte[CacheFile.Alignment]);
        var written = new List<(CacheContent, CacheEntry[])>();
        int done = 0;
        long told = Stopwatch.GetTimestamp();
        foreach ((IDataset dataset, CacheContent content) in datasets)
        {
            var encoder = new ExampleEncoder(dataset.Labels);
            var entries = new List<CacheEntry>(content.Signs.Length);
            foreach (Sample sample in CacheContent.Splits.SelectMany(split => new SamplePrefetcher(dataset, split, dataset.Labels, ahead: Environment.ProcessorCount)))
            {
                stop.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = encoder.Encode(sample);
                entries.Add(new(stream.Position, bytes.Length, CacheFile.Digest(bytes)));
                stream.Write(bytes);
                Pad(stream);
                done++;
                if (Stopwatch.GetElapsedTime(told) > Interval)
                {
                    told = Stopwatch.GetTimestamp();
                    say(string.Create(CultureInfo.InvariantCulture, $"cache {path}: {100L * done / count} %, {done} of {count} examples, {Size(stream.Position)}"));
                }
            }

            written.Add((content, [.. entries]));
        }

        byte[] index = new CacheIndex(written).ToBytes();
        long place = stream.Position;
        stream.Write(index);
        stream.Position = 0;
        stream.Write(CacheFile.Header(place, index));
        return place + index.Length;
    }

    private static void Pad(Stream stream)
    {
        int beyond = (int)(stream.Position % CacheFile.Alignment);
        if (beyond > 0)
        {
            stream.Write(stackalloc byte[CacheFile.Alignment - beyond]);
        }
    }
}
