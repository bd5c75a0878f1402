using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>A rectangle of an image.</summary>
/// <param name="Row">Its first row.</param>
/// <param name="Column">Its first column.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Width">Its columns.</param>
internal readonly record struct ImageRegion(int Row, int Column, int Height, int Width);

/// <summary>Draws the regions of <see cref="ResizedCropOptions"/>.</summary>
/// <remarks>
/// torchvision's <c>RandomResizedCrop.get_params</c> (torchvision/transforms/transforms.py): area uniform, aspect uniform in its logarithm, ten tries for a region that lies in the image, then the
/// largest one in its middle whose aspect is allowed. Halves are rounded to even, as Python rounds them.
/// </remarks>
internal static class ResizedRegions
{
    private const int Tries = 10;
    private const int FirstTry = 3;

    /// <summary>Draws a region.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">The sample's own numbers: word 4 gives the row, 5 the column, from 6 on area and aspect of each try.</param>
    public static ImageRegion Draw(int height, int width, ResizedCropOptions options, RandomStream stream)
    {
        double low = Math.Log(options.AspectMin), high = Math.Log(options.AspectMax);
        for (ulong attempt = 0; attempt < Tries; attempt++)
        {
            double area = (double)height * width * (options.AreaMin + (stream.UniformDouble(FirstTry + (2 * attempt)) * (options.AreaMax - options.AreaMin)));
            double aspect = Math.Exp(low + (stream.UniformDouble(FirstTry + (2 * attempt) + 1) * (high - low)));
            int columns = Whole(Math.Sqrt(area * aspect)), rows = Whole(Math.Sqrt(area / aspect));
            if (rows > 0 && rows <= height && columns > 0 && columns <= width)
            {
                return new(stream.Integer(4, height - rows + 1), stream.Integer(5, width - columns + 1), rows, columns);
            }
        }

        return Middle(height, width, options);
    }

    private static ImageRegion Middle(int height, int width, ResizedCropOptions options)
    {
        double aspect = (double)width / height;
        int rows = aspect < options.AspectMin ? Math.Max(1, Whole(width / options.AspectMin)) : height;
        int columns = aspect > options.AspectMax ? Math.Max(1, Whole(height * options.AspectMax)) : width;
        return new((height - rows) / 2, (width - columns) / 2, rows, columns);
    }

    private static int Whole(double length) => (int)Math.Min(int.MaxValue, Math.Round(length, MidpointRounding.ToEven));
}
