using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>What each part of a run's data holds: the content of data.json. A run that goes on, or is measured, with other parts would train on what it is tested on.</summary>
/// <remarks>Checkpoints have its <see cref="Digest"/>; the file is what names a difference.</remarks>
public sealed class DataManifest
{
    /// <summary>The data sets: one, or one for each group of tasks that have images of their own.</summary>
    public List<DataManifestEntry> Datasets { get; set; } = [];

    /// <summary>The manifest of a data set. A little of every file is read, see <see cref="FileFingerprint"/>.</summary>
    /// <exception cref="DataException">A file is missing or can't be read.</exception>
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

        DataManifest manifest;
        try
        {
            using FileStream stream = RegularFile.Open(folder.Data);
            manifest = JsonSerializer.Deserialize(stream, RunJson.Default.DataManifest) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Damaged(folder, error.Message.TrimEnd('.'), error);
        }

        return manifest.Datasets.TrueForAll(static entry => entry?.IsWhole == true) ? manifest : throw Damaged(folder, "a data set, a part or an image is missing");
    }

    /// <summary>Why a run's data can't be taken for those that it was trained with, as the beginning of a sentence; null where they can.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="now">What the data hold.</param>
    /// <param name="recorded">The <see cref="Digest"/> in the run's checkpoint; empty where that is of a version that kept none.</param>
    /// <exception cref="DataException">data.json is damaged.</exception>
    public static string? Fault(RunFolder folder, DataManifest now, string recorded)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(recorded);
        if (recorded.Length > 0 && now.Digest() == recorded)
        {
            return null;
        }

        DataManifest? then = Read(folder);
        return then is null ? recorded.Length > 0
                ? $"{folder.Path}: the run was started with other data, and {folder.Data}, which would name the difference, is missing"
                : $"{folder.Data}: is missing, so nobody can tell whether the run was started with these data"
            : then.Difference(now) is { } difference ? $"{folder.Path}: the run was started with other data: {difference}"
            : recorded.Length > 0 && then.Digest() != recorded ? $"{folder.Data}: was changed after the run was started, or is another run's, and these are not the data of the run's checkpoint"
            : null;
    }

    /// <summary>The names of a label's classes, properties or numbers; empty where there are none.</summary>
    public IReadOnlyList<string> NamesOf(string label) =>
        Datasets.Select(entry => entry.Names?.GetValueOrDefault(label) ?? entry.PixelNames?.GetValueOrDefault(label)).OfType<List<string>>().FirstOrDefault() ?? [];

    /// <summary>Writes a run's data.json atomically.</summary>
    public void Write(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Write(folder.Data);
    }

    /// <summary>Writes a file atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, RunJson.Default.DataManifest));

    /// <summary>A value that is equal for manifests of the same data; the words for classes of pixels are left out.</summary>
    public string Digest()
    {
        var decisive = new DataManifest { Datasets = [.. Datasets.Select(static entry => entry.Decisive())] };
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(decisive, RunJson.Default.DataManifest))));
    }

    /// <summary>A value that is equal where a part holds the same examples, whatever the other parts hold.</summary>
    /// <param name="part">The part.</param>
    public string DigestOf(Split part) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Datasets.Select(entry => entry.SignOf(part.ToString()))))));

    /// <summary>The first difference to other data, in words; null where there is none.</summary>
    public string? Difference(DataManifest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Datasets.Count != other.Datasets.Count
            ? $"it had {Datasets.Count} data sets, now there are {other.Datasets.Count}"
            : Datasets.Zip(other.Datasets, static (then, now) => then.Difference(now)).FirstOrDefault(static difference => difference is not null);
    }

    /// <summary>How many examples of the test part another run was trained on or chose by, as far as both manifests tell: of files by their content, of examples that are made by how they are made.</summary>
    /// <param name="other">What that run's data held.</param>
    public int TestedBeside(DataManifest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Datasets.Sum(entry => other.Datasets.Select(entry.TestedBeside).DefaultIfEmpty().Max());
    }

    private static DataException Damaged(RunFolder folder, string what, Exception? cause = null)
    {
        string sentence = $"{folder.Data}: is damaged ({what}); delete it: the run's checkpoint says whether the data are its own, and --accept-data goes on where it does not";
        return cause is null ? new(sentence) : new(sentence, cause);
    }
}
