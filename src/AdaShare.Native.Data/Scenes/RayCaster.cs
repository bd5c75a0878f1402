namespace AdaShare.Native.Data.Scenes;

/// <summary>The nearest surface on the ray through a pixel.</summary>
/// <param name="Depth">Its planar depth in metres: the distance along the optical axis.</param>
/// <param name="Normal">Its normal in the room, towards the camera, of length 1.</param>
/// <param name="Surface">The index of the solid, or -1 - side for a side of the room.</param>
internal readonly record struct SurfaceHit(double Depth, Vector3D Normal, int Surface)
{
    /// <summary>Whether the ray hit a side of the room and no solid.</summary>
    public bool IsRoom => Surface < 0;

    /// <summary>The side of the room, where the ray hit one.</summary>
    public RoomSide Side => (RoomSide)(-1 - Surface);
}

/// <summary>Finds what each pixel of a picture sees, exactly, along the ray through its centre.</summary>
internal static class RayCaster
{
    private const double NearPlane = 0.02;

    /// <summary>Fills a picture of hits, row-major from the top.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="hits">height * width places.</param>
    public static void Cast(Scene scene, int height, int width, Span<SurfaceHit> hits)
    {
        Camera camera = scene.Camera;
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                RoomSide side = scene.Room.Exit(camera.Position, camera.Ray(x + 0.5, y + 0.5, height, width), out double depth);
                hits[i] = new(depth, Room.Normal(side), -1 - (int)side);
            }
        }

        for (int i = 0; i < scene.Solids.Length; i++)
        {
            Cast(scene.Solids[i], i, camera, height, width, hits);
        }
    }

    /// <summary>Meets one solid with the rays of those pixels that its bounding cuboid may cover.</summary>
    private static void Cast(Solid solid, int index, Camera camera, int height, int width, Span<SurfaceHit> hits)
    {
        (int left, int top, int right, int bottom) = Bounds(solid, camera, height, width);
        Vector3D origin = solid.Turn.ToObject(camera.Position - solid.Center);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Vector3D ray = camera.Ray(x + 0.5, y + 0.5, height, width);
                ref SurfaceHit hit = ref hits[(y * width) + x];
                if (SolidIntersection.Find(solid, origin, solid.Turn.ToObject(ray), out double depth, out Vector3D normal) && depth < hit.Depth)
                {
                    hit = new(depth, solid.Turn.ToRoom(normal), index);
                }
            }
        }
    }

    private static (int Left, int Top, int Right, int Bottom) Bounds(Solid solid, Camera camera, int height, int width)
    {
        double left = double.MaxValue;
        double top = double.MaxValue;
        double right = double.MinValue;
        double bottom = double.MinValue;
        int behind = 0;
        for (int i = 0; i < 8; i++)
        {
            (double x, double y, double depth) = camera.Project(solid.BoundingCorner(i), height, width);
            behind += depth < NearPlane ? 1 : 0;
            left = Math.Min(left, x);
            right = Math.Max(right, x);
            top = Math.Min(top, y);
            bottom = Math.Max(bottom, y);
        }

        return behind switch
        {
            8 => default,
            0 => (Pixel(left, width), Pixel(top, height), Pixel(right + 1, width), Pixel(bottom + 1, height)),
            _ => (0, 0, width, height),
        };
    }

    private static int Pixel(double place, int size) => (int)Math.Min(Math.Max(Math.Floor(place), 0), size);
}
