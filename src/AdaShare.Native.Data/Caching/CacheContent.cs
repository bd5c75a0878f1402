using System.Runtime.ExceptionServices;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Caching;

/// <summary>What the examples of one data set in a cache were made of: what makes a difference to any of their values, and a sign of each example's name and files.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Origin">What its examples are made from where no files hold them, see <see cref="IDataset.Origin"/>.</param>
/// <param name="Reading">How they are read, see <see cref="IDataset.Reading"/>.</param>
/// <param name="Labels">The labels, each in words, with its number of classes: values were held against that.</param>
/// <param name="Signs">Of each example XXH64 of its name and <see cref="IDataset.Fingerprints"/>; the training set, validation, test, each in its order.</param>
internal sealed record CacheContent(string Name, string Origin, string Reading, IReadOnlyList<string> Labels, ulong[] Signs)
{
    /// <summary>The parts that share no example, in the order of a cache.</summary>
    public static IReadOnlyList<Split> Splits { get; } = [Split.Train, Split.Validation, Split.Test];

    /// <summary>Looks a data set over. A little of every file is read, nothing is decoded.</summary>
    /// <exception cref="ConfigurationException">It is of a kind that needs no cache.</exception>
    /// <exception cref="DataException">A file is missing or can't be read; the message names it.</exception>
    public static CacheContent Of(IDataset dataset)
    {
        if (Splits.Any(split => dataset.IdentityOf(split) is not null))
        {
            throw new ConfigurationException($"dataload.cache: {dataset.Name} has its examples in few files, from which reading one is a copy already; leave the cache out");
        }

        (Split Split, int Index)[] examples = [.. Splits.SelectMany(split => Enumerable.Range(0, dataset.Count(split)).Select(index => (split, index)))];
        var signs = new ulong[examples.Length];
        try
        {
            Parallel.For(0, examples.Length, i => signs[i] = Sign(dataset, examples[i].Split, examples[i].Index));
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }

        return new(dataset.Name, dataset.Origin, dataset.Reading, [.. dataset.Labels.Select(label => $"{label.Name} ({label.Kind}, {label.Channels} channels, {dataset.ClassesOf(label)} classes)")], signs);
    }

    /// <summary>The first difference to what a data set is now, as the end of a sentence; null where there is none.</summary>
    /// <param name="now">What it is now.</param>
    /// <param name="dataset">The data set, for the names of examples.</param>
    public string? Difference(CacheContent now, IDataset dataset)
    {
        (string What, string Then, string Now)[] texts =
        [
            ("the data set", Name, now.Name), ("examples", Origin, now.Origin), ("how examples are read", Reading, now.Reading), ("the labels", string.Join(", ", Labels), string.Join(", ", now.Labels)),
        ];
        foreach ((string what, string then, string other) in texts)
        {
            if (then != other)
            {
                return $"{what} then: {(then.Length > 0 ? then : "files")}; now: {(other.Length > 0 ? other : "files")}";
            }
        }

        if (Signs.Length != now.Signs.Length)
        {
            return $"{Name} had {Signs.Length} examples, and has {now.Signs.Length}";
        }

        int changed = Enumerable.Range(0, Signs.Length).FirstOrDefault(i => Signs[i] != now.Signs[i], -1);
        return changed < 0 ? null : $"example {IdOf(dataset, changed)} of {Name} was another one, or has other files now";
    }

    /// <summary>The name of an example.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="number">Its number in the cache's order.</param>
    public static string IdOf(IDataset dataset, int number)
    {
        (Split split, int index) = Locate(dataset, number);
        return dataset.Id(split, index);
    }

    /// <summary>Part and index of an example.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="number">Its number in the cache's order.</param>
    public static (Split Split, int Index) Locate(IDataset dataset, int number)
    {
        foreach (Split split in Splits)
        {
            if (number < dataset.Count(split))
            {
                return (split, number);
            }

            number -= dataset.Count(split);
        }

        throw new ArgumentOutOfRangeException(nameof(number), "there are fewer examples");
    }

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        foreach (string text in new[] { Name, Origin, Reading })
        {
            writer.Write(text);
        }

        writer.Write(Labels.Count);
        foreach (string label in Labels)
        {
            writer.Write(label);
        }

        writer.Write(Signs.Length);
        foreach (ulong sign in Signs)
        {
            writer.Write(sign);
        }
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">The bytes end early.</exception>
    /// <exception cref="FormatException">They can be none.</exception>
    public static CacheContent Read(BinaryReader reader)
    {
        (string name, string origin, string reading) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
        string[] labels = [.. Enumerable.Range(0, Length(reader, 1)).Select(_ => reader.ReadString())];
        ulong[] signs = [.. Enumerable.Range(0, Length(reader, sizeof(ulong))).Select(_ => reader.ReadUInt64())];
        return new(name, origin, reading, labels, signs);
    }

    /// <summary>Reads how many of something come, and refuses more than the rest of the bytes can hold.</summary>
    internal static int Length(BinaryReader reader, int bytes)
    {
        int count = reader.ReadInt32();
        long rest = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && (long)count * bytes <= rest ? count : throw new FormatException($"it claims {count} entries in {rest} bytes");
    }

    private static ulong Sign(IDataset dataset, Split split, int index)
    {
        var hash = new XxHash64();
        hash.Append(Encoding.UTF8.GetBytes(dataset.Id(split, index)));
        foreach ((string file, string print) in dataset.Fingerprints(split, index).OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            hash.Append(Encoding.UTF8.GetBytes($"\n{file}={print}"));
        }

        return hash.Value();
    }
}
