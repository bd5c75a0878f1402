using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>
/// Pictures in another size as Pillow's <c>Image.resize(size, BILINEAR)</c>, and so torchvision's <c>Resize</c> on such images: columns first, then rows, each value the mean of the pixels
/// under a triangle that is as wide as the picture shrinks (so nothing is skipped), rounded to a byte after each of the two.
/// </summary>
/// <remarks>Weights are whole numbers of 2^-22, as Pillow has them (src/libImaging/Resample.c), so that results are the same to the bit.</remarks>
internal static class BilinearResize
{
    private const int WeightBits = 22;

    /// <summary>A picture in another size; the picture itself where it has that one.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public static BgrImage Of(BgrImage image, int height, int width)
    {
        if (image.Height == height && image.Width == width)
        {
            return image;
        }

        ReadOnlySpan<byte> pixels = image.Pixels;
        byte[] columns = image.Width == width ? pixels.ToArray() : Columns(pixels, image.Height, image.Width, width);
        return new(height, width, image.Height == height ? columns : Rows(columns, image.Height, width, height));
    }

    /// <summary>A region of a picture in another size, as if it had been cut out before: nothing beside it shows.</summary>
    /// <param name="image">The picture; only the region is read of it.</param>
    /// <param name="region">A rectangle within it.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public static BgrImage Of(BgrImage image, ImageRegion region, int height, int width)
    {
        var pixels = new byte[region.Height * region.Width * BgrImage.Channels];
        image.CopyPart(region.Row, region.Column, region.Height, region.Width, pixels);
        return Of(new BgrImage(region.Height, region.Width, pixels), height, width);
    }

    private static byte[] Columns(ReadOnlySpan<byte> source, int rows, int from, int to)
    {
        (int First, int[] Weights)[] taps = Taps(from, to);
        var result = new byte[rows * to * BgrImage.Channels];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = source.Slice(y * from * BgrImage.Channels, from * BgrImage.Channels);
            Span<byte> target = result.AsSpan(y * to * BgrImage.Channels, to * BgrImage.Channels);
            for (int x = 0; x < to; x++)
            {
                for (int c = 0; c < BgrImage.Channels; c++)
                {
                    target[(x * BgrImage.Channels) + c] = Weighted(row, (taps[x].First * BgrImage.Channels) + c, BgrImage.Channels, taps[x].Weights);
                }
            }
        }

        return result;
    }

    private static byte[] Rows(byte[] source, int from, int columns, int to)
    {
        (int First, int[] Weights)[] taps = Taps(from, to);
        int length = columns * BgrImage.Channels;
        var result = new byte[to * length];
        for (int y = 0; y < to; y++)
        {
            for (int i = 0; i < length; i++)
            {
                result[(y * length) + i] = Weighted(source, (taps[y].First * length) + i, length, taps[y].Weights);
            }
        }

        return result;
    }

    private static byte Weighted(ReadOnlySpan<byte> values, int start, int stride, int[] weights)
    {
        int sum = 1 << (WeightBits - 1);
        foreach (int weight in weights)
        {
            sum += values[start] * weight;
            start += stride;
        }

        return (byte)Math.Clamp(sum >> WeightBits, byte.MinValue, byte.MaxValue);
    }

    /// <summary>For each pixel of the result the first one that it is made of, and the weights from there on.</summary>
    private static (int First, int[] Weights)[] Taps(int from, int to)
    {
        double scale = (double)from / to, reach = Math.Max(1, scale);
        var taps = new (int, int[])[to];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - reach + 0.5)), end = Math.Min(from, (int)(centre + reach + 0.5));
            double[] weights = [.. Enumerable.Range(first, end - first).Select(x => Math.Max(0, 1 - Math.Abs((x - centre + 0.5) / reach)))];
            double sum = weights.Sum();
            taps[i] = (first, Array.ConvertAll(weights, w => (int)(0.5 + (w / sum * (1 << WeightBits)))));
        }

        return taps;
    }
}
