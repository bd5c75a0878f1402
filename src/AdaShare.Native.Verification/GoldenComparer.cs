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
    public GoldenComparer Part(string name) => new(where, truth.GetProperty(name), single.GetProperty(name), bound, rows);

    /// <summary>The comparer of an array's element.</summary>
    public GoldenComparer Part(int index) => new($"{where} image {index}", truth[index], single[index], bound, rows);

    /// <summary>Compares a number relative to its value.</summary>
    public void Value(string quantity, string key, double computed, bool percentage = false)
    {
        double expected = truth.GetProperty(key).GetDouble();
        Add(quantity, computed, expected, single.GetProperty(key).GetDouble(), Math.Abs(expected), percentage ? Math.Abs(computed - expected) : null);
    }

    /// <summary>Compares a tensor's recorded sum, l2 norm, first values or all values: norms relative to themselves, the rest relative to the norm.</summary>
    public void Tensor(string quantity, string key, double[] computed)
    {
        JsonElement expected = truth.GetProperty(key), rounded = single.GetProperty(key);
        if (expected.ValueKind == JsonValueKind.Array)
        {
            double[] all = Flatten(expected), allSingle = Flatten(rounded);
            double norm = Math.Sqrt(all.Sum(static v => v * v));
            CompareAll(quantity, computed, all, allSingle, norm);
            return;
        }

        double l2 = expected.GetProperty("l2").GetDouble();
        Add(quantity + " l2", Math.Sqrt(computed.Sum(static v => v * v)), l2, rounded.GetProperty("l2").GetDouble(), l2);
        Add(quantity + " sum", computed.Sum(), expected.GetProperty("sum").GetDouble(), rounded.GetProperty("sum").GetDouble(), l2);
        if (expected.TryGetProperty("first", out JsonElement first))
        {
            CompareAll(quantity + " first", computed, Flatten(first), Flatten(rounded.GetProperty("first")), l2);
        }
    }

    private static double[] Flatten(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Flatten)] : [element.GetDouble()];

    /// <summary>One row for many values: the one that deviates most.</summary>
    private void CompareAll(string quantity, double[] computed, double[] expected, double[] rounded, double scale)
    {
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
