using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets;

/// <summary>The examples of a data set by part, each part in the order of its identities, and what every data set of files asks of them.</summary>
/// <typeparam name="T">What stands for an example.</typeparam>
internal sealed class PartTable<T>
{
    private readonly Dictionary<Split, T[]> _examples;
    private readonly Func<T, string> _id;

    /// <summary>Orders the examples.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="id">The identity of an example.</param>
    public PartTable(ExampleParts<T> parts, Func<T, string> id)
    {
        _id = id;
        T[] ById(IEnumerable<T> examples) => [.. examples.OrderBy(id, StringComparer.Ordinal)];
        _examples = new()
        {
            [Split.Train] = ById([.. parts.Weights, .. parts.Policy, .. parts.TrainOnly]),
            [Split.TrainWeights] = ById(parts.Weights),
            [Split.TrainPolicy] = ById(parts.Policy),
            [Split.Validation] = ById(parts.Validation),
            [Split.Test] = ById(parts.Test),
        };
    }

    /// <summary>The examples of a part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public T[] this[Split split] => _examples.TryGetValue(split, out T[]? part) ? part : throw new ArgumentOutOfRangeException(nameof(split), split, "not a part of a data set");

    /// <summary>An example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public T this[Split split, int index]
    {
        get
        {
            T[] part = this[split];
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, part.Length);
            return part[index];
        }
    }

    /// <summary>The three parts that share no example, together all of them.</summary>
    public IEnumerable<(Split Part, T Example)> All => new[] { Split.Train, Split.Validation, Split.Test }.SelectMany(part => this[part].Select(example => (part, example)));

    /// <summary>Every file is there, and no image is in two examples under other names: a test image must not be trained on.</summary>
    /// <param name="image">The path of an example's image.</param>
    /// <param name="labels">The paths of its labels.</param>
    /// <exception cref="DataException">A file is missing or empty, or an image is there twice.</exception>
    public void RequireFiles(Func<T, string> image, Func<T, IEnumerable<string>> labels)
    {
        var owners = new Dictionary<string, (T Example, Split Part)>();
        foreach ((Split part, T example) in All)
        {
            string place = RequireFile(_id(example), image(example));
            if (!owners.TryAdd(place, (example, part)))
            {
                (T other, Split otherPart) = owners[place];
                throw new DataException(
                    $"{image(example)}: the image of example '{_id(example)}' ({part}) is the same file as {image(other)} of example '{_id(other)}' ({otherPart}); "
                    + "an image must be in one example alone: remove it from one");
            }

            foreach (string label in labels(example))
            {
                _ = RequireFile(_id(example), label);
            }
        }
    }

    /// <summary>The fingerprint of an example's file, see <see cref="FileFingerprint"/>.</summary>
    /// <exception cref="DataException">The file is missing or can't be read; the message names it.</exception>
    public static string Fingerprint(string id, string path)
    {
        try
        {
            return FileFingerprint.Of(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be used by example '{id}' ({error.Message.TrimEnd('.')}); restore the file, or remove the example", error);
        }
    }

    /// <returns>Where the file lies, the same for all its names.</returns>
    private static string RequireFile(string id, string path)
    {
        try
        {
            FileIdentity file = RegularFile.Identify(path);
            return file.Length > 0 ? file.Place : throw new DataException($"{path}: is empty, but example '{id}' needs it; restore it, or remove the example");
        }
        catch (FileNotFoundException error)
        {
            string cause = new FileInfo(path).LinkTarget is { } target ? $"is a link to {target}, where there is no file" : "there is no such file";
            throw new DataException($"{path}: {cause}, but example '{id}' needs it; restore it, or remove the example", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: can't be used by example '{id}' ({error.Message.TrimEnd('.')}); restore the file, or remove the example", error);
        }
    }
}
