namespace AdaShare.Native.Data.Scenes;

/// <summary>A light without size.</summary>
/// <param name="Position">Where it hangs, in metres in the room.</param>
/// <param name="Color">Its strength, linear RGB, on a surface that faces it from nearby.</param>
/// <param name="Reach">The distance in metres at which its strength has fallen to half: colour / (1 + (d / reach)²).</param>
internal sealed record Light(Vector3D Position, Vector3D Color, double Reach);

/// <summary>The solids of one object, next to each other in <see cref="Scene.Solids"/>, and a ball around them.</summary>
/// <param name="First">The index of its first solid.</param>
/// <param name="Count">The number of its solids.</param>
/// <param name="Center">The centre of the ball.</param>
/// <param name="Radius">The radius of the ball.</param>
internal sealed record SceneObject(int First, int Count, Vector3D Center, double Radius);

/// <summary>A furnished, lit room with a camera in it: everything that a picture is made from.</summary>
/// <param name="Room">The room.</param>
/// <param name="Solids">What stands in it, object by object.</param>
/// <param name="Objects">The objects that the solids form.</param>
/// <param name="Lights">One to three lights.</param>
/// <param name="Ambient">Light from everywhere, linear RGB.</param>
/// <param name="Brightness">The mean linear luminance that the exposure aims at.</param>
/// <param name="Camera">The camera.</param>
/// <param name="Lattice">The noise of the textures.</param>
internal sealed record Scene(
    Room Room,
    Solid[] Solids,
    SceneObject[] Objects,
    Light[] Lights,
    Vector3D Ambient,
    double Brightness,
    Camera Camera,
    Lattice Lattice)
{
    /// <summary>Whether anything stands between two points; lamps never count, as they are where light comes from.</summary>
    /// <param name="from">A point in the room.</param>
    /// <param name="to">Another one.</param>
    public bool IsShadowed(Vector3D from, Vector3D to)
    {
        Vector3D path = to - from;
        double inverse = 1 / path.Dot(path);
        foreach (SceneObject item in Objects)
        {
            if (Solids[item.First].Class != SceneClass.Lamp
                && Passes(item.Center - from, path, inverse, item.Radius * item.Radius)
                && IsBlocked(item, from, path, inverse, 1))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the camera sees a point: nothing lies more than one per cent of the way in front of it.</summary>
    public bool IsVisible(Vector3D point)
    {
        Vector3D path = point - Camera.Position;
        double inverse = 1 / path.Dot(path);
        foreach (SceneObject item in Objects)
        {
            if (IsBlocked(item, Camera.Position, path, inverse, 0.99))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsBlocked(SceneObject item, Vector3D from, Vector3D path, double inverse, double limit)
    {
        for (int i = item.First; i < item.First + item.Count; i++)
        {
            Solid solid = Solids[i];
            Vector3D center = solid.Center - from;
            if (Passes(center, path, inverse, solid.RadiusSquared)
                && SolidIntersection.Find(solid, solid.Turn.ToObject(center * -1), solid.Turn.ToObject(path), out double t, out _)
                && t < limit)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a path comes as near to a centre as a radius; a quick test before the exact one.</summary>
    /// <param name="center">The centre, seen from the start of the path.</param>
    /// <param name="path">The path.</param>
    /// <param name="inverse">1 / the square of its length.</param>
    /// <param name="radiusSquared">The square of the radius.</param>
    private static bool Passes(Vector3D center, Vector3D path, double inverse, double radiusSquared)
    {
        double nearest = Math.Min(Math.Max(center.Dot(path) * inverse, 0), 1);
        Vector3D gap = center - (path * nearest);
        return gap.Dot(gap) <= radiusSquared;
    }
}
