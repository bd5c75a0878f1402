using System.Text.Json;

namespace AdaShare.Native.Verification;

/// <summary>Holds computed quantities against the two columns of a golden file.</summary>
/// <param name="where">The step or the evaluation.</param>
/// <param name="truth">The float64 column of it.</param>
/// <param name="single">The float32 column of it.</param>
/// <param name="bound">The bound of this part of the run.</param>
/// <param name="rows">Receives the comparisons.</param>
internal sealed class GoldenComparer(string where, JsonElement truth, JsonElement single, double bound, List<GoldenRow> rows)
{
    // Where rounding alone drifts further than the bound, ten times that drift is allowed.
    private const double SingleFactor = 10;

    public JsonElement Truth => truth;

    /// <summary>The comparer of a part.</summary>
    public GoldenComparer Part(string name) => new(where, truth.Member(name), single.Member(name), bound, rows);

    /// <summary>The comparer of an array's element.</summary>
    public GoldenComparer Part(int index) => new($"{where} image {index}", truth.Item(index), single.Item(index), bound, rows);

    /// <summary>Compares a number relative to its value.</summary>
    public void Value(string quantity, string key, double computed, bool percentage = false)
    {
        double expected = truth.Member(key).Number();
        Add(quantity, computed, expected, single.Member(key).Number(), Math.Abs(expected), percentage ? Math.Abs(computed - expected) : null);
    }

    /// <summary>Compares a tensor's recorded sum, l2 norm, first values or all values: norms relative to themselves, the rest relative to the norm.</summary>
    public void Tensor(string quantity, string key, double[] computed)
    {
        JsonElement expected = truth.Member(key), rounded = single.Member(key);
        if (expected.ValueKind == JsonValueKind.Array)
        {
            double[] all = Flatten(expected), allSingle = Flatten(rounded);
            double norm = Math.Sqrt(all.Sum(static v => v * v));
            CompareAll(quantity, computed, all, allSingle, norm);
            return;
        }

        double l2 = expected.Member("l2").Number();
        Add(quantity + " l2", Math.Sqrt(computed.Sum(static v => v * v)), l2, rounded.Member("l2").Number(), l2);
        Add(quantity + " sum", computed.Sum(), expected.Member("sum").Number(), rounded.Member("sum").Number(), l2);
        if (expected.TryGetProperty("first", out JsonElement first))
        {
            CompareAll(quantity + " first", computed, Flatten(first), Flatten(rounded.Member("first")), l2);
        }
    }

    private static double[] Flatten(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Flatten)] : [element.Number()];

    /// <summary>One row for many values: the one that deviates most.</summary>
    private void CompareAll(string quantity, double[] computed, double[] expected, double[] rounded, double scale)
    {
        if (expected.Length > computed.Length || expected.Length != rounded.Length)
        {
            throw new FormatException($"{where} has {expected.Length} and {rounded.Length} values of {quantity} in its two columns, and the network {computed.Length}");
        }

        int worst = 0;
        double drift = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            worst = Math.Abs(computed[i] - expected[i]) > Math.Abs(computed[worst] - expected[worst]) ? i : worst;
            drift = Math.Max(drift, Math.Abs(rounded[i] - expected[i]));
        }

        Add($"{quantity} (worst of {expected.Length})", computed[worst], expected[worst], expected[worst] + drift, scale);
    }

    private void Add(string quantity, double computed, double expected, double rounded, double scale, double? points = null)
    {
        double safe = scale > 0 ? scale : 1;
        double drift = Math.Abs(rounded - expected) / safe;
        double deviation = Math.Abs(computed - expected) / safe;
        rows.Add(new GoldenRow(where, quantity, computed, expected, double.IsNaN(deviation) ? double.PositiveInfinity : deviation, drift, Math.Max(bound, SingleFactor * drift), points));
    }
}
