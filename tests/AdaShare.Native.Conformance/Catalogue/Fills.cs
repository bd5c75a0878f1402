using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Gives an input its elements.</summary>
/// <param name="stream">Random numbers of the input's own.</param>
/// <param name="count">How many elements.</param>
public delegate double[] Fill(RandomStream stream, int count);

/// <summary>Ways to fill inputs.</summary>
public static class Fills
{
    /// <summary>Standard normal numbers.</summary>
    public static Fill Normal { get; } = Each(static (stream, i) => stream.Normal(i));

    /// <summary>Numbers of a magnitude from 0.25 to 2 with random signs: far from a kink at 0 and from division by nearly 0.</summary>
    public static Fill AwayFromZero { get; } = Signed(0.25, 2);

    /// <summary>Numbers at least 0.01 apart from one another in random order, so that no maximum is nearly tied.</summary>
    public static Fill Distinct { get; } = static (stream, count) => Array.ConvertAll(stream.Permutation(count), i => 0.01 * (i - (count / 2)));

    /// <summary>Numbers of a magnitude in a range, with random signs.</summary>
    public static Fill Signed(double least, double most) => Each((stream, i) =>
    {
        double magnitude = least + ((most - least) * stream.UniformDouble(i));
        return (stream.Word(i) & 1) == 0 ? magnitude : -magnitude;
    });

    /// <summary>Uniform numbers in a range.</summary>
    public static Fill Uniform(double low, double high) => Each((stream, i) => low + ((high - low) * stream.UniformDouble(i)));

    /// <summary>Uniform integers from low up to, not including, high: many ties.</summary>
    public static Fill Integers(int low, int high) => Each((stream, i) => low + stream.Integer(i, high - low));

    /// <summary>Class labels, of which about every fourth is a label to ignore.</summary>
    public static Fill LabelsWithIgnored(int classes, int ignored) => Each((stream, i) => stream.Integer(2 * i, 4) == 0 ? ignored : stream.Integer((2 * i) + 1, classes));

    /// <summary>The same number everywhere.</summary>
    public static Fill Constant(double value) => Each((_, _) => value);

    /// <summary>Given elements.</summary>
    public static Fill Values(params double[] values) => (_, count) => count == values.Length
        ? [.. values]
        : throw new ArgumentException($"{values.Length} values were given for {count} elements", nameof(values));

    private static Fill Each(Func<RandomStream, ulong, double> number) => (stream, count) =>
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = number(stream, (ulong)i);
        }

        return values;
    };
}
