using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarking.Results;

/// <summary>A figure that was measured several times.</summary>
/// <param name="Median">The middle one; of an even number the mean of the two in the middle.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Samples">All of them, in the order of measurement.</param>
public sealed record Spread(double Median, double Min, double Max, IReadOnlyList<double> Samples)
{
    private const double LowerQuartile = 0.25;
    private const double UpperQuartile = 0.75;

    /// <summary>How far apart the samples lie: the distance between their quartiles, relative to the median. 0 for a single sample.</summary>
    public double Noise()
    {
        double[] sorted = [.. Samples.Order()];
        return Median == 0 ? 0 : (Quantile(sorted, UpperQuartile) - Quantile(sorted, LowerQuartile)) / Math.Abs(Median);
    }

    /// <summary>The value that a share of the samples stays below.</summary>
    /// <param name="share">0 (the smallest) to 1 (the largest).</param>
    public double Quantile(double share) => Quantile([.. Samples.Order()], share);

    /// <summary>The spread of samples.</summary>
    /// <exception cref="AdaShareException">There are none, or one is not finite.</exception>
    public static Spread Of(IEnumerable<double> samples)
    {
        double[] values = [.. samples];
        if (values.Length == 0 || !Array.TrueForAll(values, double.IsFinite))
        {
            throw new AdaShareException($"a measurement has {values.Length} samples, of which {values.Count(double.IsFinite)} are finite; it needs at least one, and all must be");
        }

        double[] sorted = [.. values.Order()];
        return new Spread(Quantile(sorted, 0.5), sorted[0], sorted[^1], values);
    }

    // Linear between neighbours, as numpy's default.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }
}
