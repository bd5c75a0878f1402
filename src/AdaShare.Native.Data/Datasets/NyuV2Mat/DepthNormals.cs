using AdaShare.Native.Data.Datasets.Dense;

namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>Surface normals from depth, by a plane that is fitted around each pixel.</summary>
/// <remarks>
/// <para>A plane's inverse depth is linear in the picture: with the ray r = ((u - cx) / fx, (v - cy) / fy, 1) of a pixel and its depth Z, n . (Z r) = d gives n . r = d / Z. So around
/// each pixel a r_x + b r_y + c is fitted to 1 / Z by least squares, over the pixels at most a radius away along each side whose depth is known and within 5 % of the pixel's own; the normal is
/// -(a, b, c) normalised, which is turned towards the camera. Pixels without depth, with fewer than 6 such neighbours (itself included), or with neighbours in one line have no normal.</para>
/// <para>The camera is NYU v2's colour camera, to which the depth of the labelled set is projected: f = (518.857901, 519.469611), c = (325.582449, 253.736166) in pixels counted from 1 of 640x480 (toolbox of the
/// data set, camera_params.m and rgb_plane2rgb_world.m); in a picture of another size it sees the same angles. Axes are those of <see cref="NyuV2.NyuV2Dataset"/>: x to the right, y away from the camera, z up.</para>
/// </remarks>
internal static class DepthNormals
{
    private const double FocalX = 518.85790117450188, FocalY = 519.46961112127485, CentreX = 325.58244941119034, CentreY = 253.73616633400465;
    private const int FullWidth = 640, FullHeight = 480;
    private const float Tolerance = 0.05f;
    private const int FewestNeighbours = 6;

    /// <summary>The normals of a depth plane.</summary>
    /// <param name="depth">Metres, 0 where not known.</param>
    /// <param name="radius">Pixels to each side, at least 1.</param>
    /// <param name="decode">Whether normals are in [-1, 1] or raw, see <see cref="NormalPixel"/>.</param>
    public static Plane Of(Plane depth, int radius, bool decode)
    {
        (int height, int width) = (depth.Height, depth.Width);
        (double stepX, double stepY) = (FullWidth / (width * FocalX), FullHeight / (height * FocalY));
        var inverse = Array.ConvertAll(depth.Values, static z => z > 0 ? 1.0 / z : 0);
        var normals = new float[height * width * 3];
        for (int y = 0; y < height; y++)
        {
            double rayY = ((((y + 0.5) * FullHeight) / height) + 0.5 - CentreY) / FocalY;
            for (int x = 0; x < width; x++)
            {
                double rayX = ((((x + 0.5) * FullWidth) / width) + 0.5 - CentreX) / FocalX;
                Span<float> pixel = normals.AsSpan(((y * width) + x) * 3, 3);
                if (!Fit(depth, inverse, y, x, radius, out (double X, double Y, double At) slope))
                {
                    pixel.Fill(NormalPixel.Ignored);
                    continue;
                }

                (double a, double b) = (slope.X / stepX, slope.Y / stepY);
                double c = slope.At - (a * rayX) - (b * rayY), length = Math.Sqrt((a * a) + (b * b) + (c * c));
                NormalPixel.Put(pixel, (float)(-a / length), (float)(-c / length), (float)(b / length), decode);
            }
        }

        return new(height, width, 3, normals);
    }

    /// <summary>The plane of inverse depth around a pixel: its change to the next column and row, and its value at the pixel.</summary>
    private static bool Fit(Plane depth, double[] inverse, int y, int x, int radius, out (double X, double Y, double At) plane)
    {
        int width = depth.Width, count = 0, sumX = 0, sumY = 0, sumXX = 0, sumXY = 0, sumYY = 0;
        double sum = 0, sumXW = 0, sumYW = 0;
        float own = depth.Values[(y * width) + x], near = own * (1 - Tolerance), far = own * (1 + Tolerance);
        plane = default;
        if (!(own > 0))
        {
            return false;
        }

        (int top, int bottom, int left, int right) = (Math.Max(0, y - radius), Math.Min(depth.Height - 1, y + radius), Math.Max(0, x - radius), Math.Min(width - 1, x + radius));
        for (int row = top; row <= bottom; row++)
        {
            int dy = row - y, start = row * width;
            for (int column = left; column <= right; column++)
            {
                float z = depth.Values[start + column];
                if (z >= near && z <= far)
                {
                    int dx = column - x;
                    double w = inverse[start + column];
                    (count, sumX, sumY, sumXX, sumXY, sumYY) = (count + 1, sumX + dx, sumY + dy, sumXX + (dx * dx), sumXY + (dx * dy), sumYY + (dy * dy));
                    (sum, sumXW, sumYW) = (sum + w, sumXW + (dx * w), sumYW + (dy * w));
                }
            }
        }

        // All of these are whole numbers, so that a line of pixels gives exactly 0.
        long n = count, xx = (n * sumXX) - ((long)sumX * sumX), yy = (n * sumYY) - ((long)sumY * sumY), xy = (n * sumXY) - ((long)sumX * sumY);
        double determinant = ((double)xx * yy) - ((double)xy * xy), xw = (n * sumXW) - (sumX * sum), yw = (n * sumYW) - (sumY * sum);
        if (count < FewestNeighbours || determinant <= 0)
        {
            return false;
        }

        (double slopeX, double slopeY) = (((xw * yy) - (yw * xy)) / determinant, ((yw * xx) - (xw * xy)) / determinant);
        plane = (slopeX, slopeY, (sum - (slopeX * sumX) - (slopeY * sumY)) / count);
        return true;
    }
}
