using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Caching;

/// <summary>
/// A data set whose examples were decoded once and lie in one file from then on, bytes of images and values of labels as the data set gives them: reading one is a copy, of a crop those rows alone that it needs.
/// Batches are the same to the bit as without.
/// </summary>
/// <remarks>Open one by <see cref="DatasetCache"/>. The data set stays in use for everything but examples. After <see cref="Dispose"/> nothing of it, nor the examples that it gave, can be read.</remarks>
public sealed class CachedDataset : IDataset, IDisposable
{
    private readonly IDataset _inner;
    private readonly CacheFile _file;
    private readonly int _number;
    private readonly Dictionary<Split, int[]> _examples = [];

    /// <summary>A data set, or the whole of one that has parts.</summary>
    internal CachedDataset(IDataset inner, CacheFile file)
    {
        (_inner, _file, _number) = (inner, file, 0);
        Parts = [.. inner.Parts.Select((part, number) => part with { Dataset = new CachedDataset(part.Dataset, file, number) })];
        if (Parts.Count == 0)
        {
            Number();
        }
    }

    private CachedDataset(IDataset inner, CacheFile file, int number)
    {
        (_inner, _file, _number, Parts) = (inner, file, number, []);
        Number();
    }

    /// <summary>The cache's file.</summary>
    public string CachePath => _file.Path;

    /// <summary>The bytes of the cache's file.</summary>
    public long CacheBytes => _file.Bytes;

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public InputKind Inputs => _inner.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels => _inner.Labels;

    /// <inheritdoc/>
    public bool CountsVoidAsWrong => _inner.CountsVoidAsWrong;

    /// <inheritdoc/>
    public IReadOnlyList<DatasetPart> Parts { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices => _inner.Notices;

    /// <inheritdoc/>
    public string Origin => _inner.Origin;

    /// <inheritdoc/>
    public string Reading => _inner.Reading;

    /// <inheritdoc/>
    public int ClassesOf(Label label) => _inner.ClassesOf(label);

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => _inner.ClassNamesOf(label);

    /// <inheritdoc/>
    public IReadOnlyList<float> ClassWeightsOf(Label label) => _inner.ClassWeightsOf(label);

    /// <inheritdoc/>
    public int Count(Split split) => _inner.Count(split);

    /// <inheritdoc/>
    public string Id(Split split, int index) => _inner.Id(split, index);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index) => _inner.Fingerprints(split, index);

    /// <inheritdoc/>
    public PartIdentity? IdentityOf(Split split) => _inner.IdentityOf(split);

    /// <summary>An example, whose values are read from the cache when they are asked for. Of a data set with parts, ask the parts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DataException">A label is not the data set's, or the cache is damaged; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The cache is closed.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (Parts.Count > 0)
        {
            return _inner.Load(split, index, labels);
        }

        if (labels.Any(label => !Labels.Contains(label)))
        {
            throw new DataException($"{Name}: there is no label '{labels.First(label => !Labels.Contains(label))}'; ask for some of {string.Join(", ", Labels)}");
        }

        int[] examples = _examples[split];
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, examples.Length);
        int example = examples[index];
        ExampleHeader header = _file.Header(_number, example, Labels.Count);
        long start = _file.Index.Datasets[_number].Entries[example].Place;
        var planes = new Dictionary<Label, Plane>(labels.Count);
        foreach ((CachedPlane plane, long place) in header.Places())
        {
            if (labels.Contains(Labels[plane.Label]))
            {
                planes[Labels[plane.Label]] = new(plane.Height, plane.Width, plane.Channels, new CachedPlaneValues(_file, plane, start + place));
            }
        }

        var bytes = new CachedBytes(_file, header, start + header.InputPlace);
        return new(Id(split, index), header.Kind == InputKind.Text ? new CharacterText(header.Width, bytes) : new BgrImage(header.Height, header.Width, bytes), planes);
    }

    /// <summary>Closes the cache, and the data set where that can be closed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        (_inner as IDisposable)?.Dispose();
    }

    /// <summary>Finds the number in the file of each example of each part; the two parts of the training set are looked up in it by name.</summary>
    private void Number()
    {
        int first = 0;
        foreach (Split split in CacheContent.Splits)
        {
            _examples[split] = [.. Enumerable.Range(first, _inner.Count(split))];
            first += _inner.Count(split);
        }

        var byId = new Dictionary<string, int>();
        foreach (int example in _examples[Split.Train])
        {
            byId[_inner.Id(Split.Train, example)] = example;
        }

        foreach (Split split in new[] { Split.TrainWeights, Split.TrainPolicy })
        {
            _examples[split] = [.. Enumerable.Range(0, _inner.Count(split)).Select(index => byId.TryGetValue(_inner.Id(split, index), out int example)
                ? example
                : throw new DataException($"{Name}: example {_inner.Id(split, index)} of {split} is not in the training set; leave the cache out"))];
        }
    }
}
