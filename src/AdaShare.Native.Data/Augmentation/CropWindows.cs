using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>
/// The official training pipeline as a window: random scale (image bilinear, labels nearest), mirror, zero padding around the centre up to the crop, random crop.
/// </summary>
/// <remarks>
/// <para>The steps are composed into one map from crop pixels to stored pixels, so only what is kept is computed: <see cref="ImageOps"/> does it for images, on the device,
/// <see cref="LabelCrop"/> for labels. Scaled sizes are (int)(size * scale), as in the official code.</para>
/// <para>One difference is meant: the official code resizes bytes, so OpenCV rounds its bilinear values to whole grey levels; here they stay fractions.</para>
/// <para>Source: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py.</para>
/// </remarks>
internal static class CropWindows
{
    /// <summary>A window of random scale, side and place.</summary>
    /// <param name="imageHeight">Rows of the image.</param>
    /// <param name="imageWidth">Columns of the image.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">The sample's own numbers: words 0 and 1 give the scale, 2 and 3 the side, 4 the row, 5 the column.</param>
    /// <param name="scale">The scale, before sizes are rounded down to whole pixels.</param>
    public static CropWindow Draw(int imageHeight, int imageWidth, AugmentationOptions options, RandomStream stream, out double scale)
    {
        scale = options.Scales.Count > 0
            ? options.Scales[(int)(stream.UniformDouble(0) * options.Scales.Count)]
            : options.ScaleMin + (stream.UniformDouble(0) * (options.ScaleMax - options.ScaleMin));
        bool mirror = stream.UniformDouble(1) < options.MirrorProbability;
        int height = Scaled(imageHeight, scale), width = Scaled(imageWidth, scale);
        int paddedHeight = Math.Max(height, options.CropHeight), paddedWidth = Math.Max(width, options.CropWidth);
        int row = stream.Integer(4, paddedHeight - options.CropHeight + 1), column = stream.Integer(5, paddedWidth - options.CropWidth + 1);
        return new(imageHeight, imageWidth, height, width, row - ((paddedHeight - height) / 2), column - ((paddedWidth - width) / 2), mirror);
    }

    /// <summary>The most rows and columns of an image that a window of <see cref="Draw"/> reads.</summary>
    /// <param name="imageHeight">Rows of the image.</param>
    /// <param name="imageWidth">Columns of the image.</param>
    /// <param name="options">The ranges.</param>
    public static (int Rows, int Columns) Widest(int imageHeight, int imageWidth, AugmentationOptions options) =>
        (Widest(imageHeight, Scaled(imageHeight, Smallest(options)), options.CropHeight), Widest(imageWidth, Scaled(imageWidth, Smallest(options)), options.CropWidth));

    /// <summary>
    /// All where the scaled image can be smaller than the crop; else the distance from the first to the last of its pixels, a neighbour, both ends counted, and one more, because rounding
    /// may move a position to the next pixel.
    /// </summary>
    private static int Widest(int source, int scaled, int crop) =>
        scaled < crop ? source : (int)Math.Min(source, Math.Ceiling((crop - 1) * ((double)source / scaled)) + 3);

    private static double Smallest(AugmentationOptions options) => options.Scales.Count > 0 ? options.Scales.Min() : options.ScaleMin;

    /// <summary>The official code rounds down too; a picture of a few pixels must not vanish.</summary>
    private static int Scaled(int size, double scale) => Math.Max(1, (int)(size * scale));
}
