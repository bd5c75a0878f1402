using MathNet.Numerics.Distributions;

namespace AdaShare.Native.Studies.Analysis;

/// <summary>The mean of differences between two methods that ran with the same seeds, with its 95 % interval (Student's t, n - 1 degrees of freedom).</summary>
/// <param name="Count">The number of differences.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation; null where there is one.</param>
/// <param name="Lower">The interval's lower end; null where there is one difference.</param>
/// <param name="Upper">Its upper end; null where there is one difference.</param>
/// <param name="ExcludesZero">Whether the interval excludes zero; null where there is no interval.</param>
public sealed record PairedDifference(int Count, double Mean, double? Deviation, double? Lower, double? Upper, bool? ExcludesZero)
{
    /// <summary>The probability that the interval is made for.</summary>
    public const double Level = 0.95;

    /// <summary>The summary of differences.</summary>
    /// <param name="differences">One for each seed, finite.</param>
    /// <returns>The summary, or null where there is none.</returns>
    public static PairedDifference? Of(IEnumerable<double> differences)
    {
        if (SampleSummary.Of(differences.Select(static difference => (double?)difference)) is not { } sample)
        {
            return null;
        }

        if (sample.Deviation is not { } deviation)
        {
            return new PairedDifference(sample.Count, sample.Mean, null, null, null, null);
        }

        double half = StudentT.InvCDF(0, 1, sample.Count - 1, (1 + Level) / 2) * deviation / Math.Sqrt(sample.Count);
        (double lower, double upper) = (sample.Mean - half, sample.Mean + half);
        return new PairedDifference(sample.Count, sample.Mean, deviation, lower, upper, lower > 0 || upper < 0);
    }
}
