using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>Which part of a scaled, mirrored and padded image becomes the crop.</summary>
/// <param name="Height">Rows of the crop.</param>
/// <param name="Width">Columns of the crop.</param>
/// <param name="ScaledHeight">Rows of the scaled image.</param>
/// <param name="ScaledWidth">Columns of the scaled image.</param>
/// <param name="Top">The crop's first row in the scaled image; negative where the crop begins in the padding.</param>
/// <param name="Left">The crop's first column in the scaled and mirrored image; negative where the crop begins in the padding.</param>
/// <param name="Mirror">Whether left and right change places.</param>
internal readonly record struct CropWindow(int Height, int Width, int ScaledHeight, int ScaledWidth, int Top, int Left, bool Mirror)
{
    /// <summary>A window of random scale, side and place.</summary>
    /// <param name="imageHeight">Rows of the image.</param>
    /// <param name="imageWidth">Columns of the image.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="stream">The sample's own numbers: words 0 and 1 give the scale, 2 and 3 the side, 4 the row, 5 the column.</param>
    public static CropWindow Draw(int imageHeight, int imageWidth, AugmentationOptions options, RandomStream stream)
    {
        double scale = options.ScaleMin + (stream.UniformDouble(0) * (options.ScaleMax - options.ScaleMin));
        bool mirror = stream.UniformDouble(1) < options.MirrorProbability;

        // The official code rounds down too; a picture of a few pixels must not vanish.
        int height = Math.Max(1, (int)(imageHeight * scale)), width = Math.Max(1, (int)(imageWidth * scale));
        int paddedHeight = Math.Max(height, options.CropHeight), paddedWidth = Math.Max(width, options.CropWidth);
        int row = stream.Integer(4, paddedHeight - options.CropHeight + 1), column = stream.Integer(5, paddedWidth - options.CropWidth + 1);
        return new(
            options.CropHeight, options.CropWidth, height, width, row - ((paddedHeight - height) / 2), column - ((paddedWidth - width) / 2), mirror);
    }

    /// <summary>A window in the middle of the image as it is, padded evenly where the image is smaller.</summary>
    public static CropWindow Center(int imageHeight, int imageWidth, int height, int width)
    {
        static int Start(int image, int crop) => image >= crop ? (image - crop) / 2 : -((crop - image) / 2);
        return new(height, width, imageHeight, imageWidth, Start(imageHeight, height), Start(imageWidth, width), false);
    }

    /// <summary>For some rows of the crop the image's rows, -1 in the padding; see <see cref="NearestTap"/>.</summary>
    /// <param name="rows">Rows of the crop.</param>
    /// <param name="imageHeight">Rows of the image.</param>
    public int[] NearestRows(ReadOnlySpan<int> rows, int imageHeight)
    {
        var taps = new int[rows.Length];
        for (int i = 0; i < taps.Length; i++)
        {
            taps[i] = NearestTap(ScaledRow(rows[i]), ScaledHeight, imageHeight);
        }

        return taps;
    }

    /// <summary>For some columns of the crop the image's columns, -1 in the padding; see <see cref="NearestTap"/>.</summary>
    /// <param name="columns">Columns of the crop.</param>
    /// <param name="imageWidth">Columns of the image.</param>
    public int[] NearestColumns(ReadOnlySpan<int> columns, int imageWidth)
    {
        var taps = new int[columns.Length];
        for (int i = 0; i < taps.Length; i++)
        {
            taps[i] = NearestTap(ScaledColumn(columns[i]), ScaledWidth, imageWidth);
        }

        return taps;
    }

    /// <summary>For every row of the crop the image's two rows.</summary>
    public LinearTap[] LinearRows(int imageHeight)
    {
        var taps = new LinearTap[Height];
        for (int i = 0; i < taps.Length; i++)
        {
            taps[i] = LinearTap.At(ScaledRow(i), ScaledHeight, imageHeight);
        }

        return taps;
    }

    /// <summary>For every column of the crop the image's two columns.</summary>
    public LinearTap[] LinearColumns(int imageWidth)
    {
        var taps = new LinearTap[Width];
        for (int i = 0; i < taps.Length; i++)
        {
            taps[i] = LinearTap.At(ScaledColumn(i), ScaledWidth, imageWidth);
        }

        return taps;
    }

    /// <summary>
    /// OpenCV's INTER_NEAREST: min(floor(x / (scaled / source)), source - 1), with the quotients in that order (modules/imgproc/src/resize.cpp).
    /// </summary>
    private static int NearestTap(int position, int scaled, int source) =>
        position < 0 ? -1 : Math.Min((int)(position * (1.0 / ((double)scaled / source))), source - 1);

    private int ScaledRow(int row) => Inside(row + Top, ScaledHeight);

    private int ScaledColumn(int column)
    {
        int position = Inside(column + Left, ScaledWidth);
        return position >= 0 && Mirror ? ScaledWidth - 1 - position : position;
    }

    private static int Inside(int position, int count) => (uint)position < (uint)count ? position : -1;
}

/// <summary>The two source pixels of a bilinear value along one dimension.</summary>
/// <param name="Low">The first pixel, or -1 in the padding.</param>
/// <param name="High">The second pixel.</param>
/// <param name="Share">The share of the second, 0 … 1.</param>
internal readonly record struct LinearTap(int Low, int High, float Share)
{
    /// <summary>OpenCV's INTER_LINEAR: half-pixel centres, positions in single precision, borders repeated (modules/imgproc/src/resize.cpp).</summary>
    /// <param name="position">The pixel of the scaled image, -1 in the padding.</param>
    /// <param name="scaled">Pixels of the scaled image.</param>
    /// <param name="source">Pixels of the source.</param>
    public static LinearTap At(int position, int scaled, int source)
    {
        if (position < 0)
        {
            return new(-1, -1, 0);
        }

        float at = (float)(((position + 0.5) * (1.0 / ((double)scaled / source))) - 0.5);
        int low = (int)MathF.Floor(at);
        return low < 0 ? new(0, 0, 0) : low >= source - 1 ? new(source - 1, source - 1, 0) : new(low, low + 1, at - low);
    }
}
