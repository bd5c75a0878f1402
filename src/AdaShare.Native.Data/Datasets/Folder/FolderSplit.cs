using System.Text.Json;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>How a folder's images are divided.</summary>
public sealed record FolderSplitOptions
{
    /// <summary>The share of all images for the final table, above 0.</summary>
    public double Test { get; init; } = 0.15;

    /// <summary>The share of all images for selection, above 0.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>The share of the training images on which the policy is learnt, above 0.</summary>
    public double Policy { get; init; } = 0.2;

    /// <summary>The seed; the same seed and images give the same parts.</summary>
    public ulong Seed { get; init; }

    /// <summary>A class task whose classes come into every part in like shares, and into every part at all where as many groups of images as parts have them; null for none.</summary>
    public string? Stratify { get; init; }

    /// <summary>Images that stay together: <c>folder</c> for those in one folder, or the characters that end what their names have in common, such as <c>_</c>; null for none.</summary>
    public string? Group { get; init; }
}

/// <summary>Draws the parts of a folder with <c>dataset.yaml</c>, stratified by a class and with groups kept together, for a file that states them.</summary>
public static class FolderSplit
{
    private const int Parts = 4;
    private const int MostNamed = 8;
    private static readonly string[] Names = ["train1", "train2", "validation", "test"];

    /// <summary>Draws the parts.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="options">How.</param>
    /// <param name="notice">Is told, in one line, of classes that are not in every part; null where nobody asks.</param>
    /// <returns>The images of <c>train1</c>, <c>train2</c>, <c>validation</c> and <c>test</c>, by their paths without endings.</returns>
    /// <exception cref="DataException">The folder or its description is damaged, or has too few images or groups.</exception>
    /// <exception cref="ConfigurationException">An option is out of its range or doesn't fit the folder.</exception>
    public static IReadOnlyDictionary<string, string[]> Draw(string root, FolderSplitOptions options, Action<string>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        double[] shares = Shares(options);
        FolderDescription description = FolderDescriptionReader.Read(root) with { PartsFile = null, PartPatterns = new Dictionary<string, string>() };
        Func<string, string> stratum = StrataOf(root, description, options.Stratify);
        string[] ids = FolderIndex.Ids(new DatasetRequest(root), description);
        IGrouping<string, string>[] groups = [.. ids.GroupBy(id => GroupOf(id, options.Group))];
        if (groups.Length < Parts)
        {
            throw new DataException($"{root}: {groups.Length} {(options.Group is null ? "labelled images" : "groups of images")} can't be divided into weights, policy, validation and test; have at least {Parts}");
        }

        List<string>[] parts = [.. Names.Select(static _ => new List<string>())];
        StratifiedDeal? strata = options.Stratify is null ? null : new StratifiedDeal(shares);
        foreach (IGrouping<string, IGrouping<string, string>> members in groups.GroupBy(group => stratum(group.First())).OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            IGrouping<string, string>[] sorted = [.. members.OrderBy(static group => group.Key, StringComparer.Ordinal)];
            int[] order = RandomStream.For(options.Seed, $"folder/split/{members.Key}").Permutation(sorted.Length);
            Deal([.. order.Select(i => sorted[i])], shares, parts, strata);
        }

        RequireNone(root, parts, options);
        if (strata is not null && Absences(groups.Select(static group => group.First()), stratum, parts, options) is { } absent)
        {
            notice?.Invoke(absent);
        }

        return Names.Select((name, p) => (name, ids: parts[p].Order(StringComparer.Ordinal).ToArray())).ToDictionary(static part => part.name, static part => part.ids);
    }

    /// <summary>Writes parts as a file that <c>parts:</c> of <c>dataset.yaml</c> can name.</summary>
    /// <param name="path">The file, which must not be there.</param>
    /// <param name="parts">The parts.</param>
    /// <exception cref="DataException">There is such a file, or it can't be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, string[]> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (Path.Exists(path))
        {
            throw new DataException($"{path}: there is such a file already; parts that results depend on are not replaced: choose another --out, or move the file away");
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach ((string name, string[] ids) in parts)
            {
                json.WriteStartArray(name);
                foreach (string id in ids)
                {
                    json.WriteStringValue(id);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        AtomicFile.Write(path, stream => stream.Write(bytes.ToArray()));
    }

    private static double[] Shares(FolderSplitOptions options)
    {
        double train = 1 - options.Test - options.Validation;
        return options is { Test: > 0, Validation: > 0, Policy: > 0 and < 1 } && train > 0
            ? [train * (1 - options.Policy), train * options.Policy, options.Validation, options.Test]
            : throw new ConfigurationException($"shares: test {options.Test}, validation {options.Validation}, policy {options.Policy}; expected numbers above 0, the first two below 1 together, the last below 1");
    }

    /// <summary>Gives each group to the part that lacks most of its share: at the end every part has its share of images, as nearly as groups allow. Classes are dealt with regard to one another.</summary>
    private static void Deal(IGrouping<string, string>[] groups, double[] shares, List<string>[] parts, StratifiedDeal? strata)
    {
        if (strata?.Deal([.. groups.Select(static group => group.Count())]) is { } dealt)
        {
            dealt.Zip(groups).ToList().ForEach(pair => parts[pair.First].AddRange(pair.Second));
            return;
        }

        int total = groups.Sum(static group => group.Count());
        var given = new int[Parts];
        foreach (IGrouping<string, string> group in groups)
        {
            int most = Enumerable.Range(0, Parts).MaxBy(p => (shares[p] * total) - given[p]);
            parts[most].AddRange(group);
            given[most] += group.Count();
        }
    }

    /// <summary>The classes that are not in every part, with where they are; null where all are.</summary>
    private static string? Absences(IEnumerable<string> firsts, Func<string, string> stratum, List<string>[] parts, FolderSplitOptions options)
    {
        Dictionary<string, int> groups = firsts.GroupBy(stratum).ToDictionary(static of => of.Key, static of => of.Count());
        HashSet<string>[] classes = [.. parts.Select(part => part.Select(stratum).ToHashSet())];
        string[] absent = [.. groups.Where(entry => classes.Any(part => !part.Contains(entry.Key))).OrderBy(static entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => $"{entry.Key} ({entry.Value}: {string.Join(", ", Names.Where((_, p) => classes[p].Contains(entry.Key)))})")];
        string more = absent.Length > MostNamed ? $" and {absent.Length - MostNamed} more" : "";
        return absent.Length == 0 ? null
            : $"not in every part, because fewer than {Parts} {(options.Group is null ? "images" : "groups of images")} have them: of {options.Stratify} {string.Join("; ", absent.Take(MostNamed))}{more}";
    }

    /// <summary>A part that got nothing takes the smallest group of the largest part.</summary>
    private static void RequireNone(string root, List<string>[] parts, FolderSplitOptions options)
    {
        for (int p = 0; p < Parts; p++)
        {
            if (parts[p].Count > 0)
            {
                continue;
            }

            List<string> largest = parts.MaxBy(static part => part.Count)!;
            IGrouping<string, string>[] groups = [.. largest.GroupBy(id => GroupOf(id, options.Group))];
            if (groups.Length < 2)
            {
                throw new DataException($"{root}: the groups are so few or so large that {Names[p]} gets no image; have more groups, or group by something smaller");
            }

            IGrouping<string, string> moved = groups.MinBy(static group => group.Count())!;
            parts[p].AddRange(moved);
            largest.RemoveAll(moved.Contains);
        }
    }

    private static string GroupOf(string id, string? by)
    {
        int slash = id.LastIndexOf('/');
        if (by is null)
        {
            return id;
        }

        if (by == "folder")
        {
            return slash < 0 ? "" : id[..slash];
        }

        int end = id.IndexOf(by, slash + 1, StringComparison.Ordinal);
        return end < 0 ? id : id[..end];
    }

    private static Func<string, string> StrataOf(string root, FolderDescription description, string? task)
    {
        if (task is null)
        {
            return static _ => "";
        }

        FolderTask? chosen = description.Tasks.FirstOrDefault(own => own.Name == task);
        if (chosen is not { Kind: LabelKind.Class })
        {
            throw new ConfigurationException($"--stratify {task}: {(chosen is null ? "there is no such task" : $"the task is of kind {FolderDescriptionReader.KindName(chosen.Kind)}")}; expected a class task of {root}: {string.Join(", ", description.Tasks.Where(static own => own.Kind == LabelKind.Class).Select(static own => own.Name))}");
        }

        FolderLabels labels = FolderIndex.LabelsFor(root, description, chosen);
        IReadOnlyList<string> names = labels.ClassNames;
        string NameOf(float value) => value >= 0 && value < names.Count ? names[(int)value] : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return id => labels.Find(id) is { } source ? NameOf(source.Values[0]) : "unknown";
    }
}
