namespace AdaShare.Native.Data.Scenes;

/// <summary>A rotation about the vertical axis, from an object's own axes to those of the room.</summary>
/// <param name="Cos">The cosine of the angle.</param>
/// <param name="Sin">The sine of the angle.</param>
internal readonly record struct Turn(double Cos, double Sin)
{
    /// <summary>No rotation: the front of an object, its +z axis, looks along the room's +z axis.</summary>
    public static readonly Turn None = new(1, 0);

    /// <summary>The rotation by an angle.</summary>
    /// <param name="angle">Radians in [-pi, pi].</param>
    /// <remarks>Taylor series instead of the platform's sine, whose last bit differs between systems; the error stays below 1e-9.</remarks>
    public static Turn By(double angle)
    {
        double half = angle * 0.5;
        double square = half * half;
        double sin = 0;
        double cos = 0;
        for (int k = 8; k >= 1; k--)
        {
            sin = (1 + sin) * -square / (2 * k * ((2 * k) + 1));
            cos = (1 + cos) * -square / (((2 * k) - 1) * 2 * k);
        }

        sin = half * (1 + sin);
        cos = 1 + cos;
        return new((cos * cos) - (sin * sin), 2 * sin * cos);
    }

    /// <summary>One rotation after another.</summary>
    public Turn Then(Turn other) => new((Cos * other.Cos) - (Sin * other.Sin), (Sin * other.Cos) + (Cos * other.Sin));

    /// <summary>A direction in the object's axes, seen in the room's.</summary>
    public Vector3D ToRoom(Vector3D v) => new((Cos * v.X) + (Sin * v.Z), v.Y, (Cos * v.Z) - (Sin * v.X));

    /// <summary>A direction in the room's axes, seen in the object's.</summary>
    public Vector3D ToObject(Vector3D v) => new((Cos * v.X) - (Sin * v.Z), v.Y, (Sin * v.X) + (Cos * v.Z));
}
