using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Data.Tests;

/// <summary>
/// The official loader's scale, mirror, pad and crop as four passes over whole images, in double precision: slow, and plainly the same steps as
/// dataloaders/nyu_v2_dataloader.py.
/// </summary>
internal static class OfficialSteps
{
    /// <summary>The values of the crop, [crop height, crop width, channels].</summary>
    public static float[] Apply(Plane plane, CropWindow window, int cropHeight, int cropWidth, bool bilinear, double padding)
    {
        int channels = plane.Channels, height = window.ScaledHeight, width = window.ScaledWidth;
        double[] scaled = bilinear ? Bilinear(plane, height, width) : Nearest(plane, height, width);
        double[] mirrored = window.Mirror ? Mirror(scaled, height, width, channels) : scaled;

        int paddedHeight = Math.Max(height, cropHeight), paddedWidth = Math.Max(width, cropWidth);
        int above = (paddedHeight - height) / 2, before = (paddedWidth - width) / 2;
        double[] padded = new double[paddedHeight * paddedWidth * channels];
        Array.Fill(padded, padding);
        for (int y = 0; y < height; y++)
        {
            Array.Copy(mirrored, y * width * channels, padded, (((y + above) * paddedWidth) + before) * channels, width * channels);
        }

        int top = window.Top + above, left = window.Left + before;
        double[] crop = new double[cropHeight * cropWidth * channels];
        for (int y = 0; y < cropHeight; y++)
        {
            Array.Copy(padded, (((y + top) * paddedWidth) + left) * channels, crop, y * cropWidth * channels, cropWidth * channels);
        }

        return Array.ConvertAll(crop, static value => (float)value);
    }

    private static double[] Nearest(Plane plane, int height, int width)
    {
        // OpenCV's own order of quotients: where a place falls on a border between pixels, rounding decides.
        double down = 1 / ((double)height / plane.Height), right = 1 / ((double)width / plane.Width);
        double[] result = new double[height * width * plane.Channels];
        for (int i = 0; i < result.Length; i++)
        {
            int c = i % plane.Channels, x = i / plane.Channels % width, y = i / plane.Channels / width;
            result[i] = plane[Math.Min((int)(y * down), plane.Height - 1), Math.Min((int)(x * right), plane.Width - 1), c];
        }

        return result;
    }

    private static double[] Bilinear(Plane plane, int height, int width)
    {
        double[] result = new double[height * width * plane.Channels];
        for (int i = 0; i < result.Length; i++)
        {
            int c = i % plane.Channels, x = i / plane.Channels % width, y = i / plane.Channels / width;
            (int row, int nextRow, double down) = Taps(y, height, plane.Height);
            (int column, int nextColumn, double right) = Taps(x, width, plane.Width);
            result[i] = ((1 - down) * (((1 - right) * plane[row, column, c]) + (right * plane[row, nextColumn, c])))
                + (down * (((1 - right) * plane[nextRow, column, c]) + (right * plane[nextRow, nextColumn, c])));
        }

        return result;
    }

    private static (int Low, int High, double Share) Taps(int target, int targets, int sources)
    {
        double at = Math.Clamp(((target + 0.5) * sources / targets) - 0.5, 0, sources - 1);
        int low = (int)at;
        return (low, Math.Min(low + 1, sources - 1), at - low);
    }

    private static double[] Mirror(double[] values, int height, int width, int channels)
    {
        double[] result = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int c = i % channels, x = i / channels % width, y = i / channels / width;
            result[(((y * width) + width - 1 - x) * channels) + c] = values[i];
        }

        return result;
    }
}
