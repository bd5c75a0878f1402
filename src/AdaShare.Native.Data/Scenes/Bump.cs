namespace AdaShare.Native.Data.Scenes;

/// <summary>Draws smooth spots of finite size into a map.</summary>
internal static class Bump
{
    /// <summary>
    /// Raises a map to height * (1 - (d / radius)²)² around a place, d being the distance of a pixel's centre from it; where spots meet,
    /// the higher one stays.
    /// </summary>
    /// <param name="map">height * width values.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="x">The place: columns from the left edge.</param>
    /// <param name="y">The place: rows from the upper edge.</param>
    /// <param name="radius">The radius in pixels.</param>
    /// <param name="peak">The height in the middle.</param>
    public static void Raise(Span<float> map, int height, int width, double x, double y, double radius, double peak)
    {
        int left = Math.Max(0, (int)Math.Floor(x - radius));
        int right = Math.Min(width - 1, (int)Math.Floor(x + radius));
        int top = Math.Max(0, (int)Math.Floor(y - radius));
        int bottom = Math.Min(height - 1, (int)Math.Floor(y + radius));
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                double dx = column + 0.5 - x;
                double dy = row + 0.5 - y;
                double fall = 1 - (((dx * dx) + (dy * dy)) / (radius * radius));
                if (fall > 0)
                {
                    ref float value = ref map[(row * width) + column];
                    value = Math.Max(value, (float)(peak * fall * fall));
                }
            }
        }
    }

    /// <summary>Maps 0 … 1 to -1 … 1, in place.</summary>
    public static void ToSigned(Span<float> map)
    {
        foreach (ref float value in map)
        {
            value = (2 * value) - 1;
        }
    }
}
