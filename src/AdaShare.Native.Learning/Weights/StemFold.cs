using AdaShare.Native.Data.Loading;

namespace AdaShare.Native.Learning.Weights;

/// <summary>
/// Turns a first convolution for torchvision's images into one for ours. With a pixel p of 0 … 255, torchvision's network sees (p / 255 - m) / s, ours p - o with another mean o: so its filter is taken in
/// B, G, R order and divided by 255 s, and what is left, the constant (o / 255 - m) / s in each channel, goes into the running mean of the batch norm behind it.
/// </summary>
/// <remarks>
/// The filter is exact. The constant is, wherever the filter lies within the image: at the border both pad with zeros, which is torchvision's mean there and our mean here. These differ by at most 1 of 255
/// (constants of 0.017, -0.007 and -0.008), and a batch norm in training subtracts its own mean anyway.
/// </remarks>
public static class StemFold
{
    private const int Colours = 3;
    private const double White = 255;

    // R, G, B; torchvision's documentation of its models.
    private static readonly double[] Mean = [0.485, 0.456, 0.406];
    private static readonly double[] Deviation = [0.229, 0.224, 0.225];

    /// <summary>The filter for our images.</summary>
    /// <param name="filter">[outputs, 3, k, k], for torchvision's.</param>
    /// <param name="outputs">The number of outputs.</param>
    public static double[] Filter(double[] filter, int outputs)
    {
        ArgumentNullException.ThrowIfNull(filter);
        int area = filter.Length / (outputs * Colours);
        var folded = new double[filter.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int red = 0; red < Colours; red++)
            {
                int from = ((o * Colours) + red) * area, to = ((o * Colours) + Colours - 1 - red) * area;
                for (int i = 0; i < area; i++)
                {
                    folded[to + i] = filter[from + i] / (White * Deviation[red]);
                }
            }
        }

        return folded;
    }

    /// <summary>The running mean of the batch norm behind it.</summary>
    /// <param name="mean">That of torchvision's network, a number for each output.</param>
    /// <param name="filter">Its filter [outputs, 3, k, k].</param>
    public static double[] RunningMean(double[] mean, double[] filter)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(filter);
        int area = filter.Length / (mean.Length * Colours);
        var folded = new double[mean.Length];
        for (int o = 0; o < mean.Length; o++)
        {
            double shift = 0;
            for (int red = 0; red < Colours; red++)
            {
                double constant = ((ImageMean.Bgr[Colours - 1 - red] / White) - Mean[red]) / Deviation[red];
                shift += constant * filter.AsSpan(((o * Colours) + red) * area, area).ToArray().Sum();
            }

            folded[o] = mean[o] - shift;
        }

        return folded;
    }
}
