using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Loading;

/// <summary>The mean colour that every network input has subtracted: ImageNet's, in B, G, R order, on the scale 0 … 255.</summary>
/// <remarks>Source: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py (IMG_MEAN). Nothing is divided by a deviation.</remarks>
public static class ImageMean
{
    private static readonly float[] Mean = [104.00698793f, 116.66876762f, 122.67891434f];

    /// <summary>An image's values minus the mean, in a new array.</summary>
    /// <param name="image">Three channels in B, G, R order, 0 … 255. Padding pixels are 0 before the mean is subtracted, as in the official code.</param>
    /// <exception cref="ArgumentException">The image has not three channels.</exception>
    public static float[] Subtract(Plane image)
    {
        var values = new float[image.Values.Length];
        Subtract(image, values);
        return values;
    }

    /// <summary>An image's values minus the mean.</summary>
    /// <param name="image">Three channels in B, G, R order, 0 … 255. Padding pixels are 0 before the mean is subtracted, as in the official code.</param>
    /// <param name="target">As many values as the image has.</param>
    /// <exception cref="ArgumentException">The image has not three channels, or the target another length.</exception>
    public static void Subtract(Plane image, Span<float> target)
    {
        if (image.Channels != 3 || target.Length != image.Values.Length)
        {
            throw new ArgumentException($"{image.Channels} channels, {image.Values.Length} values into {target.Length}; the mean is of three channels", nameof(image));
        }

        image.Values.CopyTo(target);
        Subtract(target);
    }

    /// <summary>Subtracts the mean in place.</summary>
    internal static void Subtract(Span<float> values)
    {
        for (int i = 0; i + 2 < values.Length; i += 3)
        {
            values[i] -= Mean[0];
            values[i + 1] -= Mean[1];
            values[i + 2] -= Mean[2];
        }
    }
}
