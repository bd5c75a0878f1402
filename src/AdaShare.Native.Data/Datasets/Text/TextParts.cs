using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>The rows of each part, in the order of the files, 4 bytes each: a share of the training file is held out for selection, and of the rest a fifth is for the policy, both by a shuffle with a fixed seed.</summary>
internal sealed class TextParts
{
    private const ulong Seed = 0;
    private const double PolicyFraction = 0.2;
    private const int LeastRows = 3;

    private readonly int[] _train;
    private readonly int[] _weights;
    private readonly int[] _policy;
    private readonly int[] _validation;
    private readonly int _test;

    /// <summary>Divides the rows of a training file.</summary>
    /// <param name="folder">The task.</param>
    /// <param name="train">Rows of the training file.</param>
    /// <param name="test">Rows of the test file, all of which are the test.</param>
    /// <param name="validationFraction">The share of the training file that is held out; 0 for no validation part.</param>
    /// <exception cref="DataException">There are too few rows.</exception>
    public TextParts(TextFolder folder, int train, int test, double validationFraction)
    {
        if (train < LeastRows)
        {
            throw new DataException($"{folder.File(TextFolder.TrainName)}: {train} {(train == 1 ? "row" : "rows")} can't be divided into validation, weights and policy; expected at least {LeastRows}");
        }

        int[] shuffled = RandomStream.For(Seed, $"text/{folder.Task}/validation").Permutation(train);
        int validation = validationFraction == 0 ? 0 : Math.Min(AtLeastOne(train * validationFraction), train - 2);
        _validation = Sorted(shuffled.AsSpan(0, validation));
        _train = Sorted(shuffled.AsSpan(validation));
        int[] places = RandomStream.For(Seed, $"text/{folder.Task}/policy").Permutation(_train.Length);
        int policy = Math.Min(AtLeastOne(_train.Length * PolicyFraction), _train.Length - 1);
        int[] drawn = Array.ConvertAll(places, place => _train[place]);
        _policy = Sorted(drawn.AsSpan(0, policy));
        _weights = Sorted(drawn.AsSpan(policy));
        _test = test;
    }

    /// <summary>The examples of a part.</summary>
    public int Count(Split split) => split == Split.Test ? _test : Of(split).Length;

    /// <summary>The row of an example in its file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public int Row(Split split, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count(split));
        return split == Split.Test ? index : Of(split)[index];
    }

    /// <summary>The rows of a part of the training file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no such part.</exception>
    public ReadOnlySpan<int> Rows(Split split) => Of(split);

    private int[] Of(Split split) => split switch
    {
        Split.Train => _train,
        Split.TrainWeights => _weights,
        Split.TrainPolicy => _policy,
        Split.Validation => _validation,
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "not a part of a training file"),
    };

    private static int[] Sorted(ReadOnlySpan<int> rows)
    {
        int[] sorted = rows.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static int AtLeastOne(double count) => Math.Max(1, (int)Math.Round(count, MidpointRounding.AwayFromZero));
}
