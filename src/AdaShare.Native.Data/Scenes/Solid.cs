namespace AdaShare.Native.Data.Scenes;

/// <summary>The form of a <see cref="Solid"/>.</summary>
internal enum SolidShape
{
    /// <summary>A cuboid.</summary>
    Cuboid,

    /// <summary>A cuboid whose top falls from the back to the front; <see cref="Solid.Taper"/> is the fall in metres a metre.</summary>
    Wedge,

    /// <summary>An upright cylinder or frustum; <see cref="Solid.Taper"/> is the radius at the top over that at the bottom.</summary>
    Cylinder,

    /// <summary>A ball, or one that is squashed.</summary>
    Ellipsoid,
}

/// <summary>A convex piece of an object: where it stands and what it shows. <see cref="SolidIntersection"/> finds where rays hit it.</summary>
/// <param name="Shape">Its form.</param>
/// <param name="Center">The centre of its bounding cuboid, in metres in the room.</param>
/// <param name="Turn">Its rotation about the vertical.</param>
/// <param name="Half">Half of its size along its own axes, in metres.</param>
/// <param name="Taper">See <see cref="SolidShape"/>.</param>
/// <param name="Material">What it is made of.</param>
/// <param name="Front">The material of the side that looks along its own +z axis.</param>
/// <param name="Class">What it is a part of.</param>
/// <param name="Instance">The number of the object that it belongs to.</param>
/// <param name="IsLandmark">Whether its corners are keypoints.</param>
internal sealed record Solid(
    SolidShape Shape,
    Vector3D Center,
    Turn Turn,
    Vector3D Half,
    double Taper,
    Material Material,
    Material Front,
    SceneClass Class,
    int Instance,
    bool IsLandmark)
{
    /// <summary>The square of the radius of the ball around the solid.</summary>
    public double RadiusSquared { get; } = Half.Dot(Half);

    /// <summary>The corners of a cuboid or wedge in the room; no other form has any.</summary>
    public IEnumerable<Vector3D> Corners()
    {
        if (Shape is not (SolidShape.Cuboid or SolidShape.Wedge))
        {
            yield break;
        }

        double fall = Shape == SolidShape.Wedge ? Taper * 2 * Half.Z : 0;
        for (int i = 0; i < 8; i++)
        {
            bool front = (i & 4) != 0;
            double y = (i & 2) == 0 ? -Half.Y : Half.Y - (front ? fall : 0);
            yield return Center + Turn.ToRoom(new((i & 1) == 0 ? -Half.X : Half.X, y, front ? Half.Z : -Half.Z));
        }
    }

    /// <summary>The corners of the bounding cuboid in the room.</summary>
    public Vector3D BoundingCorner(int index) => Center + Turn.ToRoom(new(
        (index & 1) == 0 ? -Half.X : Half.X,
        (index & 2) == 0 ? -Half.Y : Half.Y,
        (index & 4) == 0 ? -Half.Z : Half.Z));

    /// <summary>The linear colour, and its share that shines by itself, at a point of the surface.</summary>
    /// <param name="lattice">The noise of the textures.</param>
    /// <param name="point">The point in the room.</param>
    /// <param name="normal">The outward normal there, in the room.</param>
    /// <param name="glow">The share of the colour that shines by itself.</param>
    public Vector3D Color(Lattice lattice, Vector3D point, Vector3D normal, out double glow)
    {
        Vector3D local = Turn.ToObject(point - Center) + Half;
        Vector3D facing = Turn.ToObject(normal);
        Material material = facing.Z > 0.9 ? Front : Material;
        glow = material.Glow;
        if (Math.Abs(facing.Y) > 0.7)
        {
            return Texture.Sample(material, lattice, local.X, local.Z);
        }

        double along = Math.Abs(facing.X) > Math.Abs(facing.Z) ? local.Z : local.X;
        return Texture.Sample(material, lattice, along, local.Y);
    }
}
