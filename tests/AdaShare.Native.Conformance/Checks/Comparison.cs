using AdaShare.Native.Conformance.Catalogue;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>Compares arrays and words the differences; no difference is an empty list.</summary>
public static class Comparison
{
    /// <summary>Differences between what was found and what was expected, at most one line an array.</summary>
    /// <param name="what">What the arrays are, for the message.</param>
    /// <param name="actual">What was found.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="tolerance">The largest difference, as a share of a magnitude.</param>
    /// <param name="pointwise">Whether that is each element's own magnitude instead of the largest of the array.</param>
    /// <param name="floor">The smallest magnitude of which the tolerance is a share.</param>
    public static IEnumerable<string> Differences(string what, HostArray actual, HostArray expected, double tolerance, bool pointwise = false, double floor = 0)
    {
        if (actual.Shape != expected.Shape)
        {
            return [$"{what}: shape {actual.Shape}, expected {expected.Shape}"];
        }

        double largest = expected.Values.Select(Math.Abs).DefaultIfEmpty().Max();
        int worst = -1;
        double excess = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            double allowed = tolerance * Math.Max(floor, pointwise ? Math.Abs(expected.Values[i]) : largest);
            double difference = Math.Abs(actual.Values[i] - expected.Values[i]);
            if (actual.Values[i] != expected.Values[i] && !(difference - allowed <= 0) && (worst < 0 || !(difference - allowed <= excess)))
            {
                (worst, excess) = (i, difference - allowed);
            }
        }

        return worst < 0
            ? []
            : [$"{what}: element {worst} of {expected.Shape} is {actual.Values[worst]:R}, expected {expected.Values[worst]:R} (largest {largest:G4}, tolerance {tolerance:G3})"];
    }

    /// <summary>Whether two arrays hold the same bits.</summary>
    public static bool SameBits(HostArray? first, HostArray? second) => first is null || second is null
        ? first is null && second is null
        : first.Shape == second.Shape && first.Values.Zip(second.Values).All(static pair => BitConverter.DoubleToInt64Bits(pair.First) == BitConverter.DoubleToInt64Bits(pair.Second));
}
