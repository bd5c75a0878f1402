using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Weights;

/// <summary>
/// Turns a first convolution for one form of input into one for another. With a pixel p of 0 … 255, the network that it comes from sees (p / u - m) / s, the one that it goes into (p - o) / d: so its filter
/// is taken in the other order of channels and multiplied by d / (u s), and what is left, the constant (o / u - m) / s in each channel, goes into the running mean of the batch norm behind it.
/// </summary>
/// <remarks>
/// The filter is exact. The constant is, wherever the filter lies within the image: at the border both pad with zeros, which stand for m in one and for o in the other. From torchvision's to the usual input these
/// differ by at most 1 of 255 (constants of 0.017, -0.007 and -0.008), and a batch norm in training subtracts its own mean anyway. Where both have the same mean, deviation and order, nothing changes.
/// </remarks>
public static class StemFold
{
    private const int Colours = 3;

    /// <summary>The filter for the other input.</summary>
    /// <param name="filter">[outputs, 3, k, k], for the convention's.</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="from">What it was trained with.</param>
    /// <param name="to">What the network sees that it goes into.</param>
    public static double[] Filter(double[] filter, int outputs, InputConvention from, ImageInput to)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(to);
        SourceInput source = SourceInput.Of(from);
        int area = filter.Length / (outputs * Colours);
        var folded = new double[filter.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int channel = 0; channel < Colours; channel++)
            {
                int target = Place(channel, source, to), first = ((o * Colours) + channel) * area, at = ((o * Colours) + target) * area;
                for (int i = 0; i < area; i++)
                {
                    folded[at + i] = filter[first + i] * Deviation(to, target) / (source.White * source.Deviation[channel]);
                }
            }
        }

        return folded;
    }

    /// <summary>The running mean of the batch norm behind it.</summary>
    /// <param name="mean">That of the network that it comes from, a number for each output.</param>
    /// <param name="filter">Its filter [outputs, 3, k, k].</param>
    /// <param name="from">What it was trained with.</param>
    /// <param name="to">What the network sees that it goes into.</param>
    public static double[] RunningMean(double[] mean, double[] filter, InputConvention from, ImageInput to)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(to);
        SourceInput source = SourceInput.Of(from);
        int area = filter.Length / (mean.Length * Colours);
        var folded = new double[mean.Length];
        for (int o = 0; o < mean.Length; o++)
        {
            double shift = 0;
            for (int channel = 0; channel < Colours; channel++)
            {
                double constant = ((to.Mean[Place(channel, source, to)] / source.White) - source.Mean[channel]) / source.Deviation[channel];
                shift += constant * filter.AsSpan(((o * Colours) + channel) * area, area).ToArray().Sum();
            }

            folded[o] = mean[o] - shift;
        }

        return folded;
    }

    /// <summary>Where a channel lies in the other order.</summary>
    private static int Place(int channel, SourceInput source, ImageInput to) => source.Order == to.Order ? channel : Colours - 1 - channel;

    // What the op multiplies by has been rounded once.
    private static double Deviation(ImageInput input, int channel) => 1 / (double)input.Normalization.Scale[channel];

    /// <summary>The input of a convention, in double precision: (p / White - Mean) / Deviation.</summary>
    private sealed record SourceInput(double White, double[] Mean, double[] Deviation, ChannelOrder Order)
    {
        // torchvision's documentation of its models.
        private static readonly SourceInput Torchvision = new(255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], ChannelOrder.Rgb);
        private static readonly SourceInput Bgr = new(1, [ImageInput.Default.Mean.X, ImageInput.Default.Mean.Y, ImageInput.Default.Mean.Z], [1, 1, 1], ChannelOrder.Bgr);

        public static SourceInput Of(InputConvention convention) => convention switch
        {
            InputConvention.Torchvision => Torchvision,
            InputConvention.Bgr => Bgr,
            _ => throw new ArgumentOutOfRangeException(nameof(convention), convention, "the run's own input needs no folding"),
        };
    }
}
