using System.Globalization;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Reports.DataPages;

/// <summary>Mean and deviation of the pixels of pictures, by channel, over all pixels together. Sums are whole numbers, so that they do not depend on the order of the pictures.</summary>
public sealed class ChannelSurvey
{
    private const int Levels = 256;

    // Blue, green, red: how many pixels have each of the 256 levels.
    private readonly long[][] _counts = [new long[Levels], new long[Levels], new long[Levels]];

    /// <summary>The mean of red, green and blue, 0 … 255; zeros where there is no pixel.</summary>
    public double[] Mean => [.. _counts.Reverse().Select(MeanOf)];

    /// <summary>The standard deviation of red, green and blue over all pixels (n), on the scale 0 … 255.</summary>
    public double[] Deviation => [.. _counts.Reverse().Select(static counts =>
    {
        double mean = MeanOf(counts);
        return Math.Sqrt(counts.Select((count, level) => count * (level - mean) * (level - mean)).Sum() / Math.Max(1, counts.Sum()));
    })];

    /// <summary>Whether a picture has been counted.</summary>
    public bool HasPixels => _counts[0].Any(static count => count > 0);

    /// <summary>The line of <c>dataset.yaml</c> that subtracts the mean and divides by the deviation.</summary>
    public string Line
    {
        get
        {
            // A channel that never changes is left as it is.
            static string Numbers(IEnumerable<double> values, double least) => string.Join(", ", values.Select(value => Math.Max(least, value).ToString("0.0##", CultureInfo.InvariantCulture)));
            return $"input: {{order: rgb, mean: [{Numbers(Mean, 0)}], deviation: [{Numbers(Deviation, 1)}]}}";
        }
    }

    /// <summary>How many pixels of a picture have each level: 256 numbers of blue, of green, of red.</summary>
    internal static int[] Count(BgrImage image)
    {
        int[] counts = new int[BgrImage.Channels * Levels];
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i += BgrImage.Channels)
        {
            counts[pixels[i]]++;
            counts[Levels + pixels[i + 1]]++;
            counts[(2 * Levels) + pixels[i + 2]]++;
        }

        return counts;
    }

    /// <summary>Adds what <see cref="Count"/> has counted.</summary>
    internal void Add(int[] counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            _counts[i / Levels][i % Levels] += counts[i];
        }
    }

    private static double MeanOf(long[] counts) => (double)counts.Select(static (count, level) => count * level).Sum() / Math.Max(1, counts.Sum());
}
