using System.Globalization;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Studies.Running;

/// <summary>The part of a study that one program runs: every <see cref="Count"/>-th cell.</summary>
/// <param name="Number">Which part, from 1 to <see cref="Count"/>.</param>
/// <param name="Count">The number of parts.</param>
public sealed record StudyShard(int Number, int Count)
{
    /// <summary>The whole study.</summary>
    public static StudyShard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>i/n</c>.</summary>
    /// <exception cref="ConfigurationException">It is not two whole numbers with 1 &lt;= i &lt;= n.</exception>
    public static StudyShard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        return parts.Length == 2 && Number(parts[0], out int number) && Number(parts[1], out int count) && number >= 1 && number <= count
            ? new StudyShard(number, count)
            : throw new ConfigurationException($"--shard {text}: expected i/n, part i of n with i from 1 to n, for example --shard 2/4");

        static bool Number(string digits, out int value) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Whether a cell belongs to this part.</summary>
    /// <param name="index">The cell's place in the study, from 0.</param>
    public bool Owns(int index) => index % Count == Number - 1;

    /// <summary>Whether two parts, of the same or of other divisions, can have a cell in common.</summary>
    /// <param name="other">The other part.</param>
    public bool Meets(StudyShard other)
    {
        ArgumentNullException.ThrowIfNull(other);

        // An index that leaves number - 1 by both counts exists where those are equal by their greatest common divisor (Chinese remainder theorem).
        int divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(Count, other.Count);
        return (Number - other.Number) % divisor == 0;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
