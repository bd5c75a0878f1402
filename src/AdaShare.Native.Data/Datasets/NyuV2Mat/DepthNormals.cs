using System.Numerics;
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
        var padded = new Padded(depth, radius);
        var normals = new float[height * width * 3];
        Span<Sums> lanes = stackalloc Sums[Vector<float>.Count];
        for (int y = 0; y < height; y++)
        {
            for (int left = 0; left < width; left += lanes.Length)
            {
                padded.Add(y, left, lanes);
                for (int lane = 0; lane < lanes.Length && left + lane < width; lane++)
                {
                    int x = left + lane, place = (y * width) + x;
                    Put(normals.AsSpan(place * 3, 3), lanes[lane], depth.Values[place], (y, height), (x, width), decode);
                }
            }
        }

        return new(height, width, 3, normals);
    }

    /// <summary>Fits the plane to what was added up around a pixel.</summary>
    private static void Put(Span<float> pixel, in Sums sums, float depth, (int At, int Count) row, (int At, int Count) column, bool decode)
    {
        // Of whole numbers, so that a line of pixels gives exactly 0.
        double n = sums.Count, xx = (n * sums.XX) - ((double)sums.X * sums.X), yy = (n * sums.YY) - ((double)sums.Y * sums.Y), xy = (n * sums.XY) - ((double)sums.X * sums.Y);
        double determinant = (xx * yy) - (xy * xy), xw = (n * sums.XW) - ((double)sums.X * sums.W), yw = (n * sums.YW) - ((double)sums.Y * sums.W);
        if (!(depth > 0) || n < FewestNeighbours || determinant <= 0)
        {
            pixel.Fill(NormalPixel.Ignored);
            return;
        }

        (double slopeX, double slopeY) = (((xw * yy) - (yw * xy)) / determinant, ((yw * xx) - (xw * xy)) / determinant);
        double centre = (1.0 / depth) + ((sums.W - (slopeX * sums.X) - (slopeY * sums.Y)) / n);
        double rayX = ((((column.At + 0.5) * FullWidth) / column.Count) + 0.5 - CentreX) / FocalX, rayY = ((((row.At + 0.5) * FullHeight) / row.Count) + 0.5 - CentreY) / FocalY;
        (double a, double b) = (slopeX * column.Count * FocalX / FullWidth, slopeY * row.Count * FocalY / FullHeight);
        double c = centre - (a * rayX) - (b * rayY), length = Math.Sqrt((a * a) + (b * b) + (c * c));
        NormalPixel.Put(pixel, (float)(-a / length), (float)(-c / length), (float)(b / length), decode);
    }

    /// <summary>Sums over the neighbours of a pixel: their number, their columns x and rows y from it, and their inverse depth w less its own, with products.</summary>
    private readonly record struct Sums(float Count, float X, float Y, float XX, float XY, float YY, float W, float XW, float YW);

    /// <summary>Depth and inverse depth with a border of pixels that are not known, so that windows need no bounds, and neighbouring pixels go through one instruction together.</summary>
    private sealed class Padded
    {
        private readonly int _radius;
        private readonly int _width;
        private readonly float[] _depth;
        private readonly float[] _inverse;

        public Padded(Plane depth, int radius)
        {
            (_radius, _width) = (radius, depth.Width + (2 * radius) + Vector<float>.Count);
            _depth = new float[(depth.Height + (2 * radius)) * _width];
            for (int y = 0; y < depth.Height; y++)
            {
                depth.Values.AsSpan(y * depth.Width, depth.Width).CopyTo(_depth.AsSpan(((y + radius) * _width) + radius));
            }

            _inverse = Array.ConvertAll(_depth, static z => z > 0 ? 1 / z : 0);
        }

        /// <summary>Adds up the neighbours of some pixels beside one another.</summary>
        public void Add(int y, int x, Span<Sums> lanes)
        {
            int middle = ((y + _radius) * _width) + x + _radius;
            Vector<float> own = new(_depth, middle), ownInverse = new(_inverse, middle), near = own * (1 - Tolerance), far = own * (1 + Tolerance);
            Vector<float> count = default, sumX = default, sumY = default, sumXX = default, sumXY = default, sumYY = default, sumW = default, sumXW = default, sumYW = default;
            for (int row = -_radius; row <= _radius; row++)
            {
                Vector<float> dy = new(row);
                for (int column = -_radius; column <= _radius; column++)
                {
                    int place = middle + (row * _width) + column;
                    Vector<float> z = new(_depth, place), dx = new(column);
                    Vector<int> counts = Vector.BitwiseAnd(Vector.GreaterThanOrEqual(z, near), Vector.LessThanOrEqual(z, far));
                    Vector<float> one = Vector.ConditionalSelect(counts, Vector<float>.One, Vector<float>.Zero), w = Vector.ConditionalSelect(counts, new Vector<float>(_inverse, place) - ownInverse, Vector<float>.Zero);
                    Vector<float> oneX = one * dx, oneY = one * dy;
                    (count, sumX, sumY) = (count + one, sumX + oneX, sumY + oneY);
                    (sumXX, sumXY, sumYY) = (sumXX + (oneX * dx), sumXY + (oneX * dy), sumYY + (oneY * dy));
                    (sumW, sumXW, sumYW) = (sumW + w, sumXW + (w * dx), sumYW + (w * dy));
                }
            }

            for (int lane = 0; lane < lanes.Length; lane++)
            {
                lanes[lane] = new(count[lane], sumX[lane], sumY[lane], sumXX[lane], sumXY[lane], sumYY[lane], sumW[lane], sumXW[lane], sumYW[lane]);
            }
        }
    }
}
