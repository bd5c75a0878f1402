using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Caching;

/// <summary>Decoded examples of a data set in a file, which is written at the first use.</summary>
/// <remarks>
/// A file that is no cache is never replaced. A cache that was made of other data, of other options, or is damaged is refused with what differs, and made anew only where that is asked for: two
/// configurations that name one file would otherwise decode everything again by turns, unnoticed. Of two processes that need one file the second waits for the first.
/// </remarks>
public static class DatasetCache
{
    private const int Compared = 4;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    /// <summary>Opens the cache of a data set, and writes it before where there is none.</summary>
    /// <param name="dataset">The data set, which then belongs to what is returned. Its files must be there: they decide whether the cache is theirs.</param>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="rebuild">Whether a cache that is there is made anew.</param>
    /// <param name="say">Is told how it goes, a line at a time; null for nobody.</param>
    /// <param name="stop">Ends the writing between two examples.</param>
    /// <exception cref="ConfigurationException">The data set needs no cache.</exception>
    /// <exception cref="DataException">
    /// There is something of that name that is no cache; or one of other data or options, or damaged, and it is not to be made anew; or it can't be written. The message names the file.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled; nothing is left of what was being written.</exception>
    public static CachedDataset Open(IDataset dataset, string path, bool rebuild = false, Action<string>? say = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentException.ThrowIfNullOrEmpty(path);
        say ??= static _ => { };
        return Open(dataset, path, rebuild, say, new CacheWriter(path, say, stop), stop);
    }

    internal static CachedDataset Open(IDataset dataset, string path, bool rebuild, Action<string> say, CacheWriter writer, CancellationToken stop)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        if (Directory.Exists(path) || !Directory.Exists(folder))
        {
            throw new DataException($"{path}: {(Directory.Exists(path) ? "is a folder" : $"there is no folder {folder}")}; name a file of an existing folder in --cache or dataload.cache");
        }

        (IDataset Dataset, CacheContent Content)[] datasets = [.. Singles(dataset).Select(static single => (single, CacheContent.Of(single)))];
        if (!rebuild && RegularFile.IsTaken(path))
        {
            return Fitting(dataset, datasets, path, say);
        }

        RequireReplaceable(path);
        using FileLock taken = Take(path, folder, say, stop);
        bool isTaken = RegularFile.IsTaken(path);
        if (isTaken && !rebuild)
        {
            return Fitting(dataset, datasets, path, say);
        }

        // Again, for what came while another process was waited for.
        RequireReplaceable(path);

        writer.Write(datasets, isTaken);
        return new CachedDataset(dataset, CacheFile.Open(path));
    }

    private static void RequireReplaceable(string path)
    {
        if (RegularFile.IsTaken(path) && !CacheFile.IsOne(path))
        {
            throw new DataException($"{path}: is no cache of a data set, and --cache-rebuild replaces nothing else; name another file in --cache or dataload.cache");
        }
    }

    private static IEnumerable<IDataset> Singles(IDataset dataset) => dataset.Parts.Count == 0 ? [dataset] : dataset.Parts.Select(static part => part.Dataset);

    /// <summary>A cache that is there, held against the data set.</summary>
    private static CachedDataset Fitting(IDataset dataset, (IDataset Dataset, CacheContent Content)[] datasets, string path, Action<string> say)
    {
        CacheFile file = CacheFile.Open(path);
        try
        {
            string? difference = file.Index.Datasets.Count != datasets.Length
                ? $"it was made of {file.Index.Datasets.Count} data sets, now there are {datasets.Length}"
                : datasets.Select((pair, d) => file.Index.Datasets[d].Content.Difference(pair.Content, pair.Dataset) ?? OtherValues(file, d, pair.Dataset)).FirstOrDefault(static found => found is not null);
            if (difference is not null)
            {
                throw new DataException($"{path}: is a cache of other data ({difference}); --cache-rebuild makes it anew, or name another file in --cache or dataload.cache");
            }

            say($"cache {path}: {datasets.Sum(static pair => pair.Content.Signs.Length)} examples, {CacheWriter.Size(file.Bytes)}");
            return new CachedDataset(dataset, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Decodes a few examples anew: what no option and no file's sign tells, such as a program that reads otherwise, is found too.</summary>
    private static string? OtherValues(CacheFile file, int number, IDataset dataset)
    {
        CacheEntry[] entries = file.Index.Datasets[number].Entries;
        var encoder = new ExampleEncoder(dataset.Labels);
        int compared = Math.Min(Compared, entries.Length);
        for (int c = 0; c < compared; c++)
        {
            int example = (int)((long)c * entries.Length / compared);
            (Split split, int index) = CacheContent.Locate(dataset, example);
            if (CacheFile.Digest(encoder.Encode(dataset.Load(split, index, dataset.Labels))) != entries[example].Digest)
            {
                return $"example {dataset.Id(split, index)} of {dataset.Name} is read as other values now";
            }
        }

        return null;
    }

    private static FileLock Take(string path, string folder, Action<string> say, CancellationToken stop)
    {
        bool told = false;
        try
        {
            while (true)
            {
                if (FileLock.TryTake(Path.Combine(folder, $".{Path.GetFileName(path)}.lock"), out string holder) is { } taken)
                {
                    return taken;
                }

                if (!told)
                {
                    say($"cache {path}: process {holder} is writing it; waiting");
                }

                told = true;
                stop.WaitHandle.WaitOne(Wait);
                stop.ThrowIfCancellationRequested();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); {WriteFailure.Remedy(error, "another file in --cache")}", error);
        }
    }
}
