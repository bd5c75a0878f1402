using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Brings predictions, which are at an eighth of the image's size, to that size for the eye. Metrics use the nearest value instead.</summary>
public static class PlaneResize
{
    /// <summary>Bilinear interpolation between pixel centres; values at the border continue outwards.</summary>
    public static Plane Bilinear(Plane plane, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var values = new float[height * width * plane.Channels];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, float down) = Neighbours(y, height, plane.Height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float along) = Neighbours(x, width, plane.Width);
                for (int c = 0; c < plane.Channels; c++)
                {
                    float above = Between(plane[top, left, c], plane[top, right, c], along);
                    float below = Between(plane[bottom, left, c], plane[bottom, right, c], along);
                    values[(((y * width) + x) * plane.Channels) + c] = Between(above, below, down);
                }
            }
        }

        return new Plane(height, width, plane.Channels, values);
    }

    private static (int First, int Second, float Share) Neighbours(int index, int count, int source)
    {
        float at = Math.Clamp(((index + 0.5f) * source / count) - 0.5f, 0, source - 1);
        int first = (int)at;
        return (first, Math.Min(first + 1, source - 1), at - first);
    }

    private static float Between(float a, float b, float share) => a + ((b - a) * share);
}
