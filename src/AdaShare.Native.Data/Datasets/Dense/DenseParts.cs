namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>The examples of each part, in the order of their ids.</summary>
/// <typeparam name="T">What stands for an example.</typeparam>
internal sealed class DenseParts<T>
{
    private readonly Dictionary<Split, T[]> _examples;

    /// <summary>Orders the examples of each part.</summary>
    /// <param name="parts">The examples.</param>
    /// <param name="id">The id of one.</param>
    public DenseParts(NyuV2Parts<T> parts, Func<T, string> id)
    {
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
    public IReadOnlyList<T> this[Split split] =>
        _examples.TryGetValue(split, out T[]? part) ? part : throw new ArgumentOutOfRangeException(nameof(split), split, "not a part of a data set");

    /// <summary>One example of a part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public T Of(Split split, int index)
    {
        IReadOnlyList<T> part = this[split];
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, part.Count);
        return part[index];
    }
}
