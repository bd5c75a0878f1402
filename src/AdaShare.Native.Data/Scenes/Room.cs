namespace AdaShare.Native.Data.Scenes;

/// <summary>One of the six sides of a <see cref="Room"/>; the value is its index.</summary>
internal enum RoomSide
{
    /// <summary>The wall at x = 0.</summary>
    West,

    /// <summary>The wall at x = width.</summary>
    East,

    /// <summary>y = 0.</summary>
    Floor,

    /// <summary>y = height.</summary>
    Ceiling,

    /// <summary>The wall at z = 0.</summary>
    North,

    /// <summary>The wall at z = length.</summary>
    South,
}

/// <summary>A flat rectangle on a side of the room: a door, a window, a picture, a rug.</summary>
/// <param name="Side">The side that it lies on.</param>
/// <param name="Left">Where it begins along the side, in metres.</param>
/// <param name="Bottom">Where it begins across the side: the height above the floor on a wall, z on the floor.</param>
/// <param name="Width">Its size along the side.</param>
/// <param name="Height">Its size across the side.</param>
/// <param name="Material">What it is made of.</param>
/// <param name="Class">What it is.</param>
/// <param name="Instance">Its number among the objects of the scene.</param>
internal sealed record Panel(
    RoomSide Side, double Left, double Bottom, double Width, double Height, Material Material, SceneClass Class, int Instance)
{
    /// <summary>Whether a place on the side lies in the panel.</summary>
    public bool Holds(double u, double v) => u >= Left && u <= Left + Width && v >= Bottom && v <= Bottom + Height;

    /// <summary>Whether the panel, with a margin in metres, shares any place with another one.</summary>
    public bool Overlaps(Panel other, double margin) => Side == other.Side
        && Left < other.Left + other.Width + margin && other.Left < Left + Width + margin
        && Bottom < other.Bottom + other.Height + margin && other.Bottom < Bottom + Height + margin;
}

/// <summary>The cuboid that everything stands in: x in [0, width], y in [0, height] upwards, z in [0, length], in metres.</summary>
/// <param name="Size">Width, height and length.</param>
/// <param name="Materials">One for each <see cref="RoomSide"/>.</param>
/// <param name="Panels">What lies on its sides; later ones never cover earlier ones.</param>
internal sealed record Room(Vector3D Size, IReadOnlyList<Material> Materials, IReadOnlyList<Panel> Panels)
{
    /// <summary>The number of sides; side <c>i</c> is instance <c>i</c> of the scene.</summary>
    public const int Sides = 6;

    /// <summary>The normal of a side, into the room.</summary>
    public static Vector3D Normal(RoomSide side) => side switch
    {
        RoomSide.West => new(1, 0, 0),
        RoomSide.East => new(-1, 0, 0),
        RoomSide.Floor => new(0, 1, 0),
        RoomSide.Ceiling => new(0, -1, 0),
        RoomSide.North => new(0, 0, 1),
        _ => new(0, 0, -1),
    };

    /// <summary>The class of a side that no panel covers.</summary>
    public static SceneClass Class(RoomSide side) => side switch
    {
        RoomSide.Floor => SceneClass.Floor,
        RoomSide.Ceiling => SceneClass.Ceiling,
        _ => SceneClass.Wall,
    };

    /// <summary>Where a ray from inside leaves the room.</summary>
    /// <param name="origin">A point inside.</param>
    /// <param name="direction">The direction; it need not have length 1.</param>
    /// <param name="distance">How far the side is, in lengths of <paramref name="direction"/>.</param>
    public RoomSide Exit(Vector3D origin, Vector3D direction, out double distance)
    {
        double x = Reach(origin.X, direction.X, Size.X);
        double y = Reach(origin.Y, direction.Y, Size.Y);
        double z = Reach(origin.Z, direction.Z, Size.Z);
        if (x <= y && x <= z)
        {
            distance = x;
            return direction.X > 0 ? RoomSide.East : RoomSide.West;
        }

        distance = Math.Min(y, z);
        return y <= z
            ? (direction.Y > 0 ? RoomSide.Ceiling : RoomSide.Floor)
            : (direction.Z > 0 ? RoomSide.South : RoomSide.North);
    }

    /// <summary>The two coordinates of a point on a side, in metres: along it and across it.</summary>
    public static (double U, double V) OnSide(RoomSide side, Vector3D point) => side switch
    {
        RoomSide.West or RoomSide.East => (point.Z, point.Y),
        RoomSide.Floor or RoomSide.Ceiling => (point.X, point.Z),
        _ => (point.X, point.Y),
    };

    /// <summary>The point in the room with two coordinates on a side.</summary>
    public Vector3D FromSide(RoomSide side, double u, double v) => side switch
    {
        RoomSide.West => new(0, v, u),
        RoomSide.East => new(Size.X, v, u),
        RoomSide.Floor => new(u, 0, v),
        RoomSide.Ceiling => new(u, Size.Y, v),
        RoomSide.North => new(u, v, 0),
        _ => new(u, v, Size.Z),
    };

    /// <summary>The extent of a side along its two coordinates, in metres.</summary>
    public (double U, double V) Extent(RoomSide side) => OnSide(side, Size);

    /// <summary>The panel at a place on a side, or null.</summary>
    public Panel? PanelAt(RoomSide side, double u, double v)
    {
        // A plain loop: this runs for every pixel.
        for (int i = 0; i < Panels.Count; i++)
        {
            Panel panel = Panels[i];
            if (panel.Side == side && panel.Holds(u, v))
            {
                return panel;
            }
        }

        return null;
    }

    private static double Reach(double o, double d, double size) =>
        d > 0 ? (size - o) / d : d < 0 ? -o / d : double.MaxValue;
}
