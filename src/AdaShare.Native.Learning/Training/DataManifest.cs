using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>What each part of a run's data holds: the content of data.json. A run that goes on, or is measured, with other parts would train on what it is tested on.</summary>
public sealed class DataManifest
{
    /// <summary>The data sets: one, or one for each group of tasks that have images of their own.</summary>
    public List<DataManifestEntry> Datasets { get; set; } = [];

    /// <summary>The manifest of a data set.</summary>
    public static DataManifest Of(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        IEnumerable<IDataset> parts = dataset.Parts.Count == 0 ? [dataset] : dataset.Parts.Select(static part => part.Dataset);
        return new DataManifest { Datasets = [.. parts.Select(DataManifestEntry.Of)] };
    }

    /// <summary>Reads a run's data.json; null where the run has none.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public static DataManifest? Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.Data))
        {
            return null;
        }

        DataManifest manifest = RunFileReader.Read(folder.Data, RunJson.Default.DataManifest);
        bool isWhole = manifest.Datasets.TrueForAll(static entry => entry is not null && entry.Parts.Values.All(static part => part?.TrueForAll(static id => id is not null) == true));
        return isWhole ? manifest : throw new DataException($"{folder.Data}: is damaged (a data set, a part or an image is missing); resume the run with --accept-data to write it again");
    }

    /// <summary>Refuses data whose parts differ from those that a run was started with.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="dataset">The data.</param>
    /// <exception cref="DataException">A part differs; the message names the first difference.</exception>
    public static void Require(RunFolder folder, IDataset dataset)
    {
        if (Read(folder)?.Difference(Of(dataset)) is { } difference)
        {
            throw new DataException(
                $"{folder.Path}: the run was started with other data: {difference}; bring the data back as they were, or, where other images may be trained on and measured, go on with train --resume {folder.Path} --accept-data");
        }
    }

    /// <summary>Writes the file atomically.</summary>
    public void Write(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        AtomicFile.Write(folder.Data, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.DataManifest));
    }

    /// <summary>A value that is equal for equal manifests.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, RunJson.Default.DataManifest))));

    /// <summary>The first difference to other data, in words; null where there is none.</summary>
    public string? Difference(DataManifest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Datasets.Count != other.Datasets.Count
            ? $"it had {Datasets.Count} data sets, now there are {other.Datasets.Count}"
            : Datasets.Zip(other.Datasets, static (then, now) => then.Difference(now)).FirstOrDefault(static difference => difference is not null);
    }
}

/// <summary>The parts of one data set.</summary>
public sealed class DataManifestEntry
{
    /// <summary>The data set's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The identities of the images of each part, in their order, by the part's name. The union of two parts is left out.</summary>
    public Dictionary<string, List<string>> Parts { get; set; } = [];

    internal static DataManifestEntry Of(IDataset dataset) => new()
    {
        Name = dataset.Name,
        Parts = Enum.GetValues<Split>().Where(static split => split != Split.Train)
            .ToDictionary(static split => split.ToString(), split => Enumerable.Range(0, dataset.Count(split)).Select(i => dataset.Id(split, i)).ToList()),
    };

    internal string? Difference(DataManifestEntry other)
    {
        if (other.Name != Name)
        {
            return $"it was {Name}, now it is {other.Name}";
        }

        foreach ((string part, List<string> then) in Parts)
        {
            List<string> now = other.Parts.GetValueOrDefault(part) ?? [];
            if (then.SequenceEqual(now))
            {
                continue;
            }

            string? gone = then.Except(now).FirstOrDefault(), come = now.Except(then).FirstOrDefault();
            return $"{Name}, part {part}: {then.Count} images then, {now.Count} now"
                + (gone is not null ? $"; {gone} is no longer in it" : "") + (come is not null ? $"; {come} was not in it" : "") + (gone is null && come is null ? "; their order changed" : "");
        }

        return null;
    }
}
