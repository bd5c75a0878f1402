using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Loading;

/// <summary>The mean colour that every network input has subtracted: ImageNet's, in B, G, R order, on the scale 0 … 255.</summary>
public static class ImageMean
{
    private static readonly float[] Mean = [104.00698793f, 116.66876762f, 122.67891434f];

    /// <summary>An image's values minus the mean, in a new array.</summary>
    public static float[] Subtract(Plane image)
    {
        var values = new float[image.Values.Length];
        Subtract(image, values);
        return values;
    }

    /// <summary>An image's values minus the mean.</summary>
    /// <param name="image">Three channels in B, G, R order, 0 … 255. Padding pixels are 0 before the mean is subtracted, as in the official code.</param>
    /// <param name="target">As many values as the image has.</param>
    public static void Subtract(Plane image, Span<float> target)
    {
        float[] source = image.Values;
        for (int i = 0; i < source.Length; i += 3)
        {
            target[i] = source[i] - Mean[0];
            target[i + 1] = source[i + 1] - Mean[1];
            target[i + 2] = source[i + 2] - Mean[2];
        }
    }
}
