namespace AdaShare.Native.Data.Scenes;

/// <summary>Builds pieces of furniture from solids. All sizes are in metres.</summary>
/// <param name="store">Where the solids go.</param>
/// <param name="palette">Where the materials come from.</param>
/// <param name="random">The scene's random numbers.</param>
internal sealed class Furniture(SolidStore store, Palette palette, SceneRandom random)
{
    /// <summary>A table: a top on four legs, or a round one on a column.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="size">Its width, height and depth.</param>
    public void Table(Placement place, Vector3D size)
    {
        const double Thickness = 0.05;
        Material wood = palette.Carpentry();
        Material legs = random.Chance(0.6) ? wood : palette.Metal();
        store.Begin(SceneClass.Table, place);
        if (random.Chance(0.3))
        {
            double radius = Math.Min(size.X, size.Z) * 0.5;
            store.Cylinder(0, size.Y - Thickness, 0, radius, Thickness, 1, wood);
            store.Cylinder(0, 0, 0, 0.06, size.Y - Thickness, 1, legs);
            store.Cylinder(0, 0, 0, radius * 0.55, 0.04, 0.8, legs);
        }
        else
        {
            store.Cuboid(0, size.Y - Thickness, 0, new(size.X, Thickness, size.Z), wood, isLandmark: true);
            Legs(size with { Y = size.Y - Thickness }, random.Range(0.05, 0.09), legs);
        }

        store.Finish();
    }

    /// <summary>A chair with its back at its own -z side, or a stool.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="size">Width, height of the seat, depth.</param>
    public void Chair(Placement place, Vector3D size)
    {
        const double Thickness = 0.06;
        Material frame = palette.Carpentry();
        Material seat = random.Chance(0.5) ? frame : palette.Cloth();
        store.Begin(SceneClass.Chair, place);
        if (random.Chance(0.15))
        {
            store.Cylinder(0, size.Y - Thickness, 0, size.X * 0.42, Thickness, 1, seat);
            Legs(new(size.X * 0.65, size.Y - Thickness, size.X * 0.65), 0.05, frame);
        }
        else
        {
            double back = random.Range(0.38, 0.6);
            store.Cuboid(0, size.Y - Thickness, 0, new(size.X, Thickness, size.Z), seat, isLandmark: true);
            store.Cuboid(0, size.Y, (-0.5 * size.Z) + 0.03, new(size.X, back, 0.06), seat, isLandmark: true);
            Legs(size with { Y = size.Y - Thickness }, 0.055, frame);
        }

        store.Finish();
    }

    /// <summary>A sofa with arms and cushions, its back at its own -z side.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="size">Its width, height and depth.</param>
    public void Sofa(Placement place, Vector3D size)
    {
        Material cloth = palette.Cloth();
        Material cushion = random.Chance(0.5) ? cloth : palette.Cloth();
        const double Arm = 0.18;
        double seat = random.Range(0.38, 0.46);
        store.Begin(SceneClass.Couch, place);
        store.Cuboid(0, 0.05, 0, new(size.X, seat - 0.05, size.Z), cloth, isLandmark: true);
        store.Wedge(0, seat, (-0.5 * size.Z) + 0.14, new(size.X, size.Y - seat, 0.28), random.Range(0.2, 0.9), cloth, isLandmark: true);
        foreach (double side in (ReadOnlySpan<double>)[-1, 1])
        {
            store.Cuboid(side * ((size.X - Arm) * 0.5), seat, 0, new(Arm, 0.18, size.Z), cloth, isLandmark: true);
        }

        int cushions = size.X > 1.5 ? 2 : 1;
        double each = (size.X - (2 * Arm)) / cushions;
        for (int i = 0; i < cushions; i++)
        {
            double x = (i - ((cushions - 1) * 0.5)) * each;
            store.Cuboid(x, seat, 0.1, new(each - 0.03, 0.09, size.Z - 0.3), cushion);
        }

        store.Finish();
    }

    /// <summary>A bed with its head at its own -z side.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="size">Width, height of the headboard, length.</param>
    public void Bed(Placement place, Vector3D size)
    {
        Material frame = palette.Carpentry();
        Material linen = palette.Linen();
        Material blanket = palette.Cloth();
        double top = random.Range(0.42, 0.58);
        store.Begin(SceneClass.Couch, place);
        store.Cuboid(0, 0.08, 0, new(size.X, 0.2, size.Z), frame, isLandmark: true);
        store.Cuboid(0, 0.28, 0.03, new(size.X - 0.06, top - 0.28, size.Z - 0.1), linen, isLandmark: true);
        store.Cuboid(0, 0.26, 0.2 * size.Z, new(size.X + 0.02, top - 0.22, size.Z * 0.58), blanket);
        store.Cuboid(0, 0, (-0.5 * size.Z) + 0.03, new(size.X, size.Y, 0.06), frame, isLandmark: true);
        int pillows = size.X > 1.2 ? 2 : 1;
        for (int i = 0; i < pillows; i++)
        {
            double x = (i - ((pillows - 1) * 0.5)) * size.X * 0.47;
            store.Ellipsoid(x, top - 0.05, (-0.5 * size.Z) + 0.32, new(0.6, 0.2, 0.4), linen);
        }

        store.Finish();
    }

    /// <summary>A cabinet with drawers or doors, or an open shelf, its front at its own +z side.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="size">Its width, height and depth.</param>
    public void Cabinet(Placement place, Vector3D size)
    {
        Material body = palette.Carpentry();
        bool isShelf = size.Y > 1.1 && random.Chance(0.5);
        int columns = Math.Max(1, (int)Math.Round(size.X / random.Range(0.45, 0.9)));
        int rows = Math.Max(1, (int)Math.Round(size.Y / random.Range(0.25, 0.5)));
        Material front = palette.CabinetFront(body, size.X / columns, size.Y / rows, isShelf);
        store.Begin(SceneClass.Cabinet, place);
        store.Cuboid(0, 0, 0, size, body, front, isLandmark: true);
        if (random.Chance(0.4))
        {
            store.Cuboid(0, size.Y, 0.01, new(size.X + 0.04, 0.03, size.Z + 0.04), body);
        }

        store.Finish();
    }

    /// <summary>A lamp that stands on the floor or on a table.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="height">Its height.</param>
    public void Lamp(Placement place, double height)
    {
        Material metal = palette.Metal();
        double shade = Math.Min(0.34, height * 0.45);
        store.Begin(SceneClass.Lamp, place);
        store.Cylinder(0, 0, 0, shade * 0.45, 0.03, 0.9, metal);
        store.Cylinder(0, 0.03, 0, 0.022, height - shade, 1, metal);
        store.Cylinder(0, height - shade, 0, shade * 0.65, shade, random.Range(0.45, 0.9), palette.Shade());
        store.Finish();
    }

    /// <summary>A lamp that hangs from the ceiling; the foot of its place is the lower end of the shade.</summary>
    /// <param name="place">The lowest point.</param>
    /// <param name="drop">The distance from there to the ceiling.</param>
    public void Pendant(Placement place, double drop)
    {
        double radius = random.Range(0.16, 0.3);
        Material shade = palette.Shade();
        store.Begin(SceneClass.Lamp, place);
        if (random.Chance(0.5))
        {
            store.Ellipsoid(0, 0, 0, new(2 * radius, 2 * radius, 2 * radius), shade);
            store.Cylinder(0, 2 * radius, 0, 0.012, drop - (2 * radius), 1, palette.Metal());
        }
        else
        {
            store.Cylinder(0, 0, 0, radius, 0.22, 0.35, shade);
            store.Cylinder(0, 0.22, 0, 0.012, drop - 0.22, 1, palette.Metal());
        }

        store.Finish();
    }

    /// <summary>A ball of a radius.</summary>
    public void Ball(Placement place, double radius)
    {
        store.Begin(SceneClass.Ball, place);
        store.Ellipsoid(0, 0, 0, new(2 * radius, 2 * radius, 2 * radius), palette.Ball());
        store.Finish();
    }

    /// <summary>A box of a size.</summary>
    public void Box(Placement place, Vector3D size)
    {
        store.Begin(SceneClass.Box, place);
        store.Cuboid(0, 0, 0, size, palette.Carton(), isLandmark: true);
        store.Finish();
    }

    /// <summary>A pillar or chimney breast from floor to ceiling, of the walls' material.</summary>
    public void Pillar(Placement place, Vector3D size, Material wall)
    {
        store.Begin(SceneClass.Wall, place);
        store.Cuboid(0, 0, 0, size, wall, isLandmark: true);
        store.Finish();
    }

    private void Legs(Vector3D size, double thickness, Material material)
    {
        for (int i = 0; i < 4; i++)
        {
            double x = ((i & 1) == 0 ? -0.5 : 0.5) * (size.X - thickness);
            double z = ((i & 2) == 0 ? -0.5 : 0.5) * (size.Z - thickness);
            store.Cuboid(x, 0, z, new(thickness, size.Y, thickness), material);
        }
    }
}
