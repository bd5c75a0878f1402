namespace AdaShare.Native.Data.Scenes;

/// <summary>Draws an empty room: its size, what its sides are made of, and what lies on them.</summary>
/// <param name="palette">Where the materials come from.</param>
/// <param name="random">The scene's random numbers.</param>
internal sealed class RoomLayout(Palette palette, SceneRandom random)
{
    private const int Tries = 8;
    private const double Margin = 0.12;
    private const double Skirting = 0.15;

    private readonly List<Panel> _panels = [];

    /// <summary>Draws the room.</summary>
    public Room Draw()
    {
        Vector3D size = new(random.Range(2.8, 6.5), random.Range(2.3, 3.2), random.Range(2.8, 6.5));
        Material wall = palette.Wall();

        // Some rooms have one wall of another kind.
        var materials = new Material[Room.Sides];
        Array.Fill(materials, wall);
        if (random.Chance(0.4))
        {
            materials[(int)Wall()] = palette.Wall();
        }

        materials[(int)RoomSide.Floor] = palette.Floor();
        materials[(int)RoomSide.Ceiling] = palette.Ceiling();
        var room = new Room(size, materials, _panels);
        Doors(room);
        Windows(room);
        Pictures(room);
        if (random.Chance(0.4))
        {
            double width = random.Range(1.2, Math.Min(3, size.X - 0.4));
            double length = random.Range(1.2, Math.Min(3, size.Z - 0.4));
            Panel rug = new(
                RoomSide.Floor, random.Range(0.2, size.X - width - 0.2), random.Range(0.2, size.Z - length - 0.2), width, length, palette.Rug(), SceneClass.Floor, NextInstance);
            _panels.Add(rug);
        }

        return room;
    }

    private int NextInstance => Room.Sides + _panels.Count;

    private RoomSide Wall() => random.Pick(RoomSide.West, RoomSide.East, RoomSide.North, RoomSide.South);

    private void Doors(Room room)
    {
        int count = random.Pick(1, 1, 2);
        for (int i = 0; i < count; i++)
        {
            double width = random.Range(0.75, random.Chance(0.2) ? 1.6 : 1.0);
            double height = random.Range(1.9, 2.15);
            Add(room, SceneClass.Door, width, height, 0, palette.Door(width, height));
        }
    }

    private void Windows(Room room)
    {
        int count = random.Pick(1, 1, 2, 2, 3);
        for (int i = 0; i < count; i++)
        {
            double width = random.Range(0.8, 2.2);
            double height = random.Range(0.8, 1.5);
            double sill = random.Range(0.6, Math.Min(1.1, room.Size.Y - height - 0.15));
            Add(room, SceneClass.Window, width, height, sill, palette.Window(width, height));
        }
    }

    private void Pictures(Room room)
    {
        int count = random.Integer(6);
        for (int i = 0; i < count; i++)
        {
            double width = random.Range(0.4, 1.2);
            double height = random.Range(0.35, 0.9);
            double bottom = random.Range(1.0, Math.Min(1.5, room.Size.Y - height - Skirting));
            Add(room, SceneClass.Picture, width, height, bottom, palette.Picture(width, height));
        }
    }

    private void Add(Room room, SceneClass sceneClass, double width, double height, double bottom, Material material)
    {
        for (int i = 0; i < Tries; i++)
        {
            RoomSide side = Wall();
            double free = room.Extent(side).U - width - (2 * Margin);
            double left = Margin + random.Range(0, free);
            Panel panel = new(side, left, bottom, width, height, material, sceneClass, NextInstance);
            if (free > 0 && !_panels.Exists(other => panel.Overlaps(other, Margin)))
            {
                _panels.Add(panel);
                return;
            }
        }
    }
}
