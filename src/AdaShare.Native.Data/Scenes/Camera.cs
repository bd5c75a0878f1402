namespace AdaShare.Native.Data.Scenes;

/// <summary>A pinhole camera. Its axes: x to the right, y up, z towards the viewer, away from the scene.</summary>
/// <param name="Position">The centre of projection, in metres in the room.</param>
/// <param name="Right">The camera's x axis.</param>
/// <param name="Up">The camera's y axis.</param>
/// <param name="Forward">The direction of view, the negative of the camera's z axis.</param>
/// <param name="Spread">The tangent of half the angle of view along the longer side of the picture.</param>
internal sealed record Camera(Vector3D Position, Vector3D Right, Vector3D Up, Vector3D Forward, double Spread)
{
    /// <summary>A camera that looks at a point, with its picture rolled about the direction of view.</summary>
    public static Camera Looking(Vector3D position, Vector3D target, Turn roll, double spread)
    {
        Vector3D forward = (target - position).Normalized();
        Vector3D level = forward.Cross(new(0, 1, 0)).Normalized();
        Vector3D above = level.Cross(forward);
        Vector3D right = (level * roll.Cos) + (above * roll.Sin);
        return new(position, right, right.Cross(forward), forward, spread);
    }

    /// <summary>The width of a pixel on a plane one metre in front of the camera.</summary>
    public double Pitch(int height, int width) => 2 * Spread / Math.Max(height, width);

    /// <summary>
    /// The direction through a place in a picture, scaled so that a point at t times the direction has planar depth t: its
    /// distance along the optical axis, as a depth camera reports it.
    /// </summary>
    /// <param name="x">Columns from the left edge; pixel <c>i</c> has its centre at i + 0.5.</param>
    /// <param name="y">Rows from the upper edge.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    public Vector3D Ray(double x, double y, int height, int width)
    {
        double pitch = Pitch(height, width);
        return Forward + (Right * ((x - (width * 0.5)) * pitch)) + (Up * (((height * 0.5) - y) * pitch));
    }

    /// <summary>Where a point in the room falls in a picture, and its planar depth; x and y mean nothing where the depth is not positive.</summary>
    public (double X, double Y, double Depth) Project(Vector3D point, int height, int width)
    {
        Vector3D v = point - Position;
        double depth = v.Dot(Forward);
        double scale = 1 / (Pitch(height, width) * depth);
        return ((width * 0.5) + (v.Dot(Right) * scale), (height * 0.5) - (v.Dot(Up) * scale), depth);
    }

    /// <summary>A direction in the room, in the camera's axes.</summary>
    public Vector3D ToCamera(Vector3D v) => new(v.Dot(Right), v.Dot(Up), -v.Dot(Forward));
}
