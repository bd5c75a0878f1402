using System.Runtime.ExceptionServices;
using System.Text.Json.Serialization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Training;

/// <summary>The parts of one data set.</summary>
public sealed class DataManifestEntry
{
    private const string TrainOnly = "TrainOnly";

    /// <summary>The data set's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>What its examples are made from, see <see cref="IDataset.Origin"/>; null where files hold them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Origin { get; set; }

    /// <summary>The identities of the images of each part, in their order, or one of them all (<see cref="IDataset.IdentityOf"/>), by the part's name; <c>TrainOnly</c> has those of the training set that are in neither of its two parts.</summary>
    public Dictionary<string, List<string>> Parts { get; set; } = [];

    /// <summary>The names of classes, properties or numbers by label, for labels that speak of images as a whole: predictions are told in these words. Null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, List<string>>? Names { get; set; }

    /// <summary>
    /// The names of classes by label, for labels that speak of pixels: words for legends, reports and other programs. They decide nothing, so they are not in the manifest's <see cref="DataManifest.Digest"/>. Null where
    /// there are none, and in files of versions that kept none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, List<string>>? PixelNames { get; set; }

    /// <summary>
    /// The signs of the files' content by part and by what the file is, in the order of the part, see <see cref="IDataset.Fingerprints"/>; null where there are no files, and in files
    /// of versions that kept none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, Dictionary<string, List<string>>>? Fingerprints { get; set; }

    /// <summary>Whether nothing is missing in what was read.</summary>
    [JsonIgnore]
    internal bool IsWhole => Parts.Values.All(static part => part?.TrueForAll(static id => id is not null) == true)
        && (Fingerprints is null || Fingerprints.All(part => part.Value is not null && Parts.TryGetValue(part.Key, out List<string>? ids)
            && part.Value.Values.All(prints => prints?.Count == ids.Count && prints.TrueForAll(static print => print is not null))));

    internal static DataManifestEntry Of(IDataset dataset)
    {
        (string Name, Split Split, int[] Indices)[] parts = [.. PartsOf(dataset)];
        return new DataManifestEntry
        {
            Name = dataset.Name,
            Origin = dataset.Origin.Length > 0 ? dataset.Origin : null,
            Parts = parts.ToDictionary(static part => part.Name, part => dataset.IdentityOf(part.Split) is { } whole ? [whole.Text] : part.Indices.Select(i => dataset.Id(part.Split, i)).ToList()),
            Names = NamesOf(dataset, static label => label.IsOfImage),
            PixelNames = NamesOf(dataset, static label => !label.IsOfImage),
            Fingerprints = parts.Select(part => (part.Name, Prints: PrintsOf(dataset, part.Split, part.Indices))).Where(static part => part.Prints.Count > 0).ToArray() is { Length: > 0 } prints
                ? prints.ToDictionary(static part => part.Name, static part => part.Prints)
                : null,
        };
    }

    /// <summary>What of the entry decides whether data are the same, which is all but words.</summary>
    internal DataManifestEntry Decisive() => new() { Name = Name, Origin = Origin, Parts = Parts, Names = Names, Fingerprints = Fingerprints };

    private static Dictionary<string, List<string>>? NamesOf(IDataset dataset, Func<Label, bool> which) =>
        dataset.Labels.Where(label => which(label) && dataset.ClassNamesOf(label).Count > 0).ToArray() is { Length: > 0 } named
            ? named.ToDictionary(static label => label.Name, label => dataset.ClassNamesOf(label).ToList())
            : null;

    internal string? Difference(DataManifestEntry other)
    {
        if (other.Name != Name)
        {
            return $"it was {Name}, now it is {other.Name}";
        }

        if (Origin is not null && other.Origin != Origin)
        {
            return $"it was {Origin}, now it is {other.Origin ?? "files"}";
        }

        if (NameDifference(other) is { } renamed)
        {
            return renamed;
        }

        foreach ((string part, List<string> then) in Parts)
        {
            List<string> now = other.Parts.GetValueOrDefault(part) ?? [];
            if (then.SequenceEqual(now))
            {
                continue;
            }

            string? gone = then.Except(now).FirstOrDefault(), come = now.Except(then).FirstOrDefault();
            if (gone is not null && come is not null && then.Count == 1 && now.Count == 1)
            {
                return $"{Name}, part {part}: {gone} then, {come} now";
            }

            return $"{Name}, part {part}: {then.Count} images then, {now.Count} now"
                + (gone is not null ? $"; {gone} is no longer in it" : "") + (come is not null ? $"; {come} was not in it" : "") + (gone is null && come is null ? "; their order changed" : "");
        }

        return ContentDifference(other);
    }

    // Of runs with other tasks, the labels that both have are compared.
    private string? NameDifference(DataManifestEntry other)
    {
        foreach ((string label, List<string> then) in Names ?? [])
        {
            if (other.Names?.GetValueOrDefault(label) is { } now && !then.SequenceEqual(now))
            {
                int first = Enumerable.Range(0, Math.Max(then.Count, now.Count)).First(i => then.ElementAtOrDefault(i) != now.ElementAtOrDefault(i));
                return $"{Name}, label {label}: name {first} was {Shown(then, first)}, now it is {Shown(now, first)}";
            }
        }

        return null;

        static string Shown(List<string> names, int index) => index < names.Count ? $"'{names[index]}'" : "none";
    }

    /// <summary>How many examples of the test part are in other parts of another data set.</summary>
    internal int TestedBeside(DataManifestEntry other)
    {
        string test = Split.Test.ToString();
        HashSet<string> theirs = [.. other.Parts.Keys.Where(part => part != test).SelectMany(part => other.SignsOf(part))];
        return SignsOf(test).Distinct().Count(theirs.Contains);
    }

    /// <summary>A sign of each example of a part: the content of its input's file, or how it is made and which it is; nothing where the manifest tells neither.</summary>
    private IEnumerable<string> SignsOf(string part) => Fingerprints?.GetValueOrDefault(part) is { } kinds
        ? kinds.GetValueOrDefault(IDataset.ImageFingerprint) ?? []
        : Origin is null ? [] : Parts.GetValueOrDefault(part)?.Select(id => $"{Name}\0{Origin}\0{id}") ?? [];

    /// <summary>A sign of what a part holds, as far as the manifest tells it; empty where there is no such part.</summary>
    internal string SignOf(string part) => Parts.TryGetValue(part, out List<string>? ids)
        ? string.Join('\n', [Name, Origin ?? "", .. ids, .. (Fingerprints?.GetValueOrDefault(part) ?? []).OrderBy(static kind => kind.Key, StringComparer.Ordinal).SelectMany(static kind => kind.Value.Prepend(kind.Key))])
        : "";

    private string? ContentDifference(DataManifestEntry other)
    {
        foreach ((string part, Dictionary<string, List<string>> kinds) in Fingerprints ?? [])
        {
            foreach ((string kind, List<string> then) in kinds)
            {
                // Of runs with other tasks, what both have read is compared.
                if (other.Fingerprints?.GetValueOrDefault(part)?.GetValueOrDefault(kind) is not { } now)
                {
                    continue;
                }

                int[] changed = [.. Enumerable.Range(0, then.Count).Where(i => then[i] != now[i])];
                if (changed.Length > 0)
                {
                    return $"{Name}, part {part}: the {(kind is IDataset.ImageFingerprint or IDataset.WholeFileFingerprint ? kind : $"label {kind}")} of {Parts[part][changed[0]]} has another content"
                        + (changed.Length > 1 ? $", and those of {changed.Length - 1} more" : "");
                }
            }
        }

        return null;
    }

    private static IEnumerable<(string Name, Split Split, int[] Indices)> PartsOf(IDataset dataset)
    {
        foreach (Split split in Enum.GetValues<Split>().Where(static split => split != Split.Train))
        {
            yield return (split.ToString(), split, [.. Enumerable.Range(0, dataset.Count(split))]);
        }

        // The training set may be more than the union of its two parts.
        if (dataset.Count(Split.Train) > dataset.Count(Split.TrainWeights) + dataset.Count(Split.TrainPolicy))
        {
            HashSet<string> divided = [.. new[] { Split.TrainWeights, Split.TrainPolicy }.SelectMany(split => Enumerable.Range(0, dataset.Count(split)).Select(i => dataset.Id(split, i)))];
            yield return (TrainOnly, Split.Train, [.. Enumerable.Range(0, dataset.Count(Split.Train)).Where(i => !divided.Contains(dataset.Id(Split.Train, i)))]);
        }
    }

    private static Dictionary<string, List<string>> PrintsOf(IDataset dataset, Split split, int[] indices)
    {
        if (dataset.IdentityOf(split) is { } whole)
        {
            return whole.Fingerprints.ToDictionary(static print => print.Key, static print => new List<string> { print.Value });
        }

        if (indices.Length == 0 || dataset.Fingerprints(split, indices[0]).Count == 0)
        {
            return [];
        }

        var prints = new IReadOnlyDictionary<string, string>[indices.Length];
        try
        {
            Parallel.For(0, indices.Length, i => prints[i] = dataset.Fingerprints(split, indices[i]));
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }

        return prints[0].Keys.Order(StringComparer.Ordinal).ToDictionary(static kind => kind, kind => prints.Select(print => print[kind]).ToList());
    }
}
