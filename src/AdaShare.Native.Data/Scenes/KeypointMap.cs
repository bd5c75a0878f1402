namespace AdaShare.Native.Data.Scenes;

/// <summary>Keypoint heat: a smooth spot around each visible corner of the room, of its panels and of the large parts of furniture.</summary>
/// <remarks>
/// A corner counts where it falls into the picture and nothing lies in front of it. With d the distance in pixels between a pixel's centre and
/// the nearest such corner, and r = max(2, min(height, width) / 12), the heat is 2 * max(0, 1 - (d / r)²)² - 1.
/// </remarks>
internal static class KeypointMap
{
    /// <summary>Draws the map.</summary>
    /// <returns>Values in [-1, 1], row-major.</returns>
    public static float[] Draw(Scene scene, int height, int width)
    {
        var map = new float[height * width];
        double radius = Math.Max(2, Math.Min(height, width) / 12.0);
        foreach (Vector3D corner in Corners(scene))
        {
            (double x, double y, double depth) = scene.Camera.Project(corner, height, width);
            if (depth > 0 && x >= 0 && x < width && y >= 0 && y < height && scene.IsVisible(corner))
            {
                Bump.Raise(map, height, width, x, y, radius, 1);
            }
        }

        Bump.ToSigned(map);
        return map;
    }

    private static IEnumerable<Vector3D> Corners(Scene scene)
    {
        Room room = scene.Room;
        for (int i = 0; i < 8; i++)
        {
            yield return new((i & 1) * room.Size.X, ((i >> 1) & 1) * room.Size.Y, ((i >> 2) & 1) * room.Size.Z);
        }

        foreach (Panel panel in room.Panels)
        {
            for (int i = 0; i < 4; i++)
            {
                yield return room.FromSide(panel.Side, panel.Left + ((i & 1) * panel.Width), panel.Bottom + ((i >> 1) * panel.Height));
            }
        }

        foreach (Solid solid in scene.Solids)
        {
            if (solid.IsLandmark)
            {
                foreach (Vector3D corner in solid.Corners())
                {
                    yield return corner;
                }
            }
        }
    }
}
