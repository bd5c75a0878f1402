using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Colours of classes over the image that they are of.</summary>
internal static class ClassOverlay
{
    /// <summary>Blends the two; where a label says nothing, the image stays as it is.</summary>
    /// <param name="colours">The colours, of the image's size.</param>
    /// <param name="classes">The classes, of that size.</param>
    /// <param name="image">The image.</param>
    /// <param name="share">How much of the result are the colours, 0 to 1.</param>
    public static Picture Of(Picture colours, Plane classes, BgrImage image, double share)
    {
        var blended = Picture.Of(image);
        for (int i = 0; i < classes.Values.Length; i++)
        {
            if ((int)classes.Values[i] == SegmentationTask.IgnoreLabel)
            {
                continue;
            }

            for (int at = 3 * i; at < (3 * i) + 3; at++)
            {
                blended.Pixels[at] = (byte)Math.Round((share * colours.Pixels[at]) + ((1 - share) * blended.Pixels[at]));
            }
        }

        return blended;
    }
}
